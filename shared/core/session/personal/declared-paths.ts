import { givenTo, type ByTenant, type ReadValue } from "../../by-tenant.ts";
import type { TenantId } from "../../ids.ts";

/** Paths of the context that hold personal values. */
export type DeclaredPaths = readonly string[];

const PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/;

/** Reads what a tenant declares as personal. */
export const readDeclaredPaths: ReadValue<DeclaredPaths> = (value) => {
  const paths: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = paths.find((path) => typeof path !== "string" || !PATH.test(path));
  if (Array.isArray(value) && wrong === undefined) return { value: value as DeclaredPaths }; // texts, as was seen
  return {
    problem: `has ${JSON.stringify(wrong ?? value)}, which is no path of the context`,
    repair: 'Write a list of paths, such as ["input.email"].',
  };
};

/** What a tenant declared as personal. */
export const pathsOf = (paths: ByTenant<DeclaredPaths>, tenant: TenantId): DeclaredPaths =>
  givenTo(paths, tenant) ?? [];

export const hasPaths = (paths: ByTenant<DeclaredPaths>, tenant: TenantId): boolean =>
  pathsOf(paths, tenant).length > 0;
