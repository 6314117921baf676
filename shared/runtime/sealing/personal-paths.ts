import type { TenantId } from "#core/ids.ts";

/** Paths of the context that hold personal values, by tenant; `*` is every tenant that is not named. */
export type PersonalPaths = Readonly<Record<string, readonly string[]>>;

/** What a tenant declared as personal. */
export const pathsOf = (paths: PersonalPaths, tenant: TenantId): readonly string[] =>
  (Object.hasOwn(paths, tenant) ? paths[tenant] : paths["*"]) ?? [];

export const hasPaths = (paths: PersonalPaths, tenant: TenantId): boolean =>
  pathsOf(paths, tenant).length > 0;
