import { readFileSync } from "node:fs";
import { parseTenantId } from "#core/ids.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { isRight, type Right } from "#core/rights.ts";
import { EVERY_TENANT } from "#core/by-tenant.ts";

/**
 * The file beside the code of each function that lets callers in, written when the stack is synthesized: it comes and goes with a
 * version of the code, and has none of the bounds of variables.
 */
export const CALLERS_FILE = "callers.json";

/** Who belongs to whom, and may do what. */
export interface Callers {
  /**
   * The tenant of each principal (a role's or user's ARN, or an account's number) and of each `account/source` of spine-in, such as
   * `{"arn:aws:iam::111122223333:role/shop": "shop"}`; `*` for whoever operates for every tenant. @default one tenant, `default`, and IAM alone says who may call
   */
  readonly tenants?: Readonly<Record<string, string>>;
  /** The rights of each of them; `*` is whoever has no entry. @default to send alone */
  readonly rights?: Readonly<Record<string, readonly Right[]>>;
}

/** The file's text. */
export const callersText = (callers: Callers): string => JSON.stringify(callers);

/** Reads the file where the construct puts it. Throws where it is missing or malformed: nobody is let in by mistake. */
export const callersAt = (folder: URL): Callers =>
  parseCallers(readFileSync(new URL(CALLERS_FILE, folder), "utf8"));

/** Reads the file's text. Throws where a tenant or a right is none. */
export function parseCallers(text: string): Callers {
  const value = JSON.parse(text) as Json;
  if (!isJsonObject(value)) throw malformed("is not a JSON object");
  const { tenants = {}, rights = {} } = value;
  if (!isJsonObject(tenants) || !isJsonObject(rights)) throw malformed("has invalid tenants or rights");
  for (const tenant of Object.values(tenants)) if (tenant !== EVERY_TENANT) parseTenantId(tenant);
  for (const [caller, own] of Object.entries(rights))
    if (!Array.isArray(own) || !own.every(isRight)) throw malformed(`gives ${caller} unknown rights`);
  // Every value was looked at.
  return value as Callers;
}

const malformed = (problem: string): Error => new Error(`${CALLERS_FILE} ${problem}. Deploy it again.`);
