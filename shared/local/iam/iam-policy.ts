import { parseCondition, type Condition } from "./policy-condition.ts";
import { requireLiteral } from "./pattern.ts";

/** One statement of a policy, as far as our templates use them. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Of a resource policy only. */
  readonly principals: readonly PrincipalPattern[];
  readonly condition: Condition;
  /** As it is written, in JSON. */
  readonly conditionText?: string;
}

export type PrincipalPattern =
  | { readonly type: "anyone" }
  | { readonly type: "aws"; readonly arn: string }
  | { readonly type: "service"; readonly name: string };

export type Policy = readonly Statement[];

const IDENTITY_FIELDS = ["Sid", "Effect", "Action", "Resource", "Condition"];
const RESOURCE_FIELDS = [...IDENTITY_FIELDS, "Principal"];

/**
 * Reads an identity policy, or a resource policy, whose statements name principals. A feature outside the subset is
 * an error that names `owner`, never a statement that is skipped.
 */
export function parsePolicy(document: unknown, owner: string, kind: "identity" | "resource"): Policy {
  if (!isRecord(document)) throw new Error(`${owner}: the policy document is not an object.`);
  const unknown = Object.keys(document).filter((field) => !["Version", "Statement"].includes(field));
  if (unknown.length > 0) throw new Error(`${owner}: the policy has the unknown ${unknown.join(", ")}.`);
  if (document["Version"] !== "2012-10-17")
    throw new Error(`${owner}: the policy's Version must be 2012-10-17.`);
  return list(document["Statement"]).map((statement) => parseStatement(statement, owner, kind));
}

function parseStatement(statement: unknown, owner: string, kind: "identity" | "resource"): Statement {
  if (!isRecord(statement)) throw new Error(`${owner}: a statement is not an object.`);
  const known = kind === "identity" ? IDENTITY_FIELDS : RESOURCE_FIELDS;
  const unknown = Object.keys(statement).filter((field) => !known.includes(field));
  if (unknown.length > 0)
    throw new Error(`${owner}: a statement has ${unknown.join(", ")}, which is not evaluated here.`);
  const effect = statement["Effect"];
  if (effect !== "Allow" && effect !== "Deny")
    throw new Error(`${owner}: Effect is ${JSON.stringify(effect)}.`);
  const actions = texts(statement["Action"], owner, "Action");
  const resources = texts(statement["Resource"], owner, "Resource");
  for (const resource of resources) requireLiteral(resource, owner);
  if (actions.length === 0 || resources.length === 0)
    throw new Error(`${owner}: a statement lacks actions or resources.`);
  return {
    effect,
    actions,
    resources,
    principals: kind === "resource" ? parsePrincipals(statement["Principal"], owner) : [],
    condition: parseCondition(statement["Condition"], owner),
    ...(statement["Condition"] !== undefined && { conditionText: JSON.stringify(statement["Condition"]) }),
  };
}

/** The principals of a resource policy's or trust policy's statement. */
export function parsePrincipals(principal: unknown, owner: string): readonly PrincipalPattern[] {
  if (principal === "*") return [{ type: "anyone" }];
  if (!isRecord(principal)) throw new Error(`${owner}: Principal is ${JSON.stringify(principal)}.`);
  return Object.entries(principal).flatMap(([kind, value]): readonly PrincipalPattern[] => {
    const names = texts(value, owner, `Principal.${kind}`);
    if (kind === "Service") return names.map((name) => ({ type: "service", name }));
    if (kind !== "AWS") throw new Error(`${owner}: principals of kind ${kind} are not evaluated here.`);
    return names.map((arn) => (arn === "*" ? { type: "anyone" } : { type: "aws", arn }));
  });
}

export function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

function texts(value: unknown, owner: string, field: string): readonly string[] {
  return list(value).map((item) => {
    if (typeof item === "string") return item;
    throw new Error(`${owner}: ${field} contains ${JSON.stringify(item)}; expected a text.`);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
