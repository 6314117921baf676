import { SpineError, type Problem } from "./errors.ts";
import { isTenantName, KEY_REPAIR, type TenantId } from "./ids.ts";

/** What each tenant is given, by name; `*` is every tenant that is not named. */
export type ByTenant<Value> = Readonly<Record<string, Value>>;

/** Every tenant that is not named: no tenant can have the name. */
export const EVERY_TENANT = "*";

/** What a tenant is given: its own, else that of every tenant; nothing where there is neither. */
export function givenTo<Value>(given: ByTenant<Value>, tenant: TenantId): Value | undefined {
  // A tenant may be named like a property of every object.
  return Object.hasOwn(given, tenant) ? given[tenant] : given[EVERY_TENANT];
}

/** What is wrong with a value, to be read behind the field's name. */
export type WrongValue = Omit<Problem, "field">;
/** Reads one tenant's value, whatever it is, or says what is wrong with it. */
export type ReadValue<Value> = (value: unknown) => { readonly value: Value } | WrongValue;

/** What is wrong, by tenant: with a name that no tenant can have, or with its value. */
export function wrongTenants(
  given: ByTenant<unknown>,
  read: ReadValue<unknown>,
): readonly (readonly [tenant: string, wrong: WrongValue])[] {
  return Object.entries(given).flatMap(([tenant, value]) => {
    const found = isTenant(tenant) ? read(value) : NO_TENANT;
    return "problem" in found ? [[tenant, found] as const] : [];
  });
}

/** Reads what tenants are given, whatever it is. Throws `setting.invalid` with everything that is wrong. */
export function readByTenant<Value>(field: string, given: unknown, read: ReadValue<Value>): ByTenant<Value> {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw settingError([{ field, problem: "is no object", repair: "Write values by tenant, or by *." }]);
  // Its values are unknown to the reader that looks at each of them.
  const values = given as ByTenant<unknown>;
  const wrong = wrongTenants(values, read);
  if (wrong.length > 0)
    throw settingError(wrong.map(([tenant, problem]) => ({ field: `${field}.${tenant}`, ...problem })));
  const entries = Object.entries(values).flatMap(([tenant, value]) => {
    const found = read(value);
    return "value" in found ? [[tenant, found.value] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** An error about what a deployment says, which its message says whole. */
export const settingError = (problems: readonly Problem[]): SpineError =>
  new SpineError(
    "setting.invalid",
    problems.map(({ field, problem, repair }) => `${field} ${problem}. ${repair}`).join("\n"),
    { problems, whole: true },
  );

const NO_TENANT: WrongValue = { problem: "names no tenant", repair: `${KEY_REPAIR} * is every other.` };

const isTenant = (name: string): boolean => name === EVERY_TENANT || isTenantName(name);
