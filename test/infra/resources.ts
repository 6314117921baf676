import assert from "node:assert/strict";
import type { Resource, TemplateJson } from "./fixture.ts";
import { readable } from "./intrinsics.ts";

export function resourcesOf(template: TemplateJson, type: string): readonly Resource[] {
  return Object.values(template.Resources).filter((resource) => resource.Type === type);
}

/** Properties of all resources of a type, readable, sorted by what `key` makes of them. */
export function all(template: TemplateJson, type: string): readonly Readonly<Record<string, unknown>>[] {
  return resourcesOf(template, type).map(
    ({ Properties = {} }) => readable(template, Properties) as Readonly<Record<string, unknown>>,
  );
}

export function only(template: TemplateJson, type: string): Resource {
  const [resource, ...others] = resourcesOf(template, type);
  assert.ok(resource !== undefined && others.length === 0, `one ${type}`);
  return { ...resource, Properties: readable(template, resource.Properties) as Record<string, unknown> };
}

export function sorted<T extends Readonly<Record<string, unknown>>>(
  items: readonly T[],
  key: string,
): readonly T[] {
  const keyOf = (item: T) => String(item[key]);
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
