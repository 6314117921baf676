import type { Resource, TemplateJson } from "./fixture.ts";

export interface Mutant {
  /** Logical id and path of what was taken away. */
  readonly lost: string;
  readonly template: TemplateJson;
}

type Fields = Readonly<Record<string, unknown>>;

/** Templates that each lack one property, at any depth, of one resource that `mutate` picks. */
export function* mutants(
  template: TemplateJson,
  mutate: (id: string, resource: Resource) => boolean,
): Generator<Mutant> {
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (!mutate(id, resource)) continue;
    const { Properties, DeletionPolicy, UpdateReplacePolicy } = resource;
    const fields = { Properties, DeletionPolicy, UpdateReplacePolicy };
    for (const { path, left } of without(fields)) {
      // Made of a resource's fields, it is one with a field less.
      const mutant = { Type: resource.Type, ...(left as Fields) } as Resource;
      yield { lost: `${id} ${path}`, template: { Resources: { ...template.Resources, [id]: mutant } } };
    }
  }
}

/** Every way to take one field out of a value. An intrinsic is one value: taking it apart would make no template. */
function* without(value: unknown): Generator<{ readonly path: string; readonly left: unknown }> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      for (const { path, left } of without(item)) yield { path: `/${i}${path}`, left: value.with(i, left) };
    }
    return;
  }
  if (typeof value !== "object" || value === null || isIntrinsic(value)) return;
  // What is neither a list nor null and of type object is a record of fields.
  const fields = value as Fields;
  for (const [key, field] of Object.entries(fields)) {
    if (field === undefined) continue;
    const { [key]: _, ...rest } = fields;
    yield { path: `/${key}`, left: rest };
    for (const { path, left } of without(field))
      yield { path: `/${key}${path}`, left: { ...fields, [key]: left } };
  }
}

const isIntrinsic = (value: object): boolean =>
  Object.keys(value).length === 1 && /^(Ref|Fn::)/.test(Object.keys(value)[0] ?? "");

/** Whether a promise holds of a mutant: whether its check throws nothing. */
export const passes = (check: () => void): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};
