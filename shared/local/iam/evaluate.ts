import type { RequestContext } from "./policy-condition.ts";
import { matchesAction, matchesArn } from "./pattern.ts";
import type { Policy, PrincipalPattern, Statement } from "./iam-policy.ts";

/** Who asks: a role or user with its own policies, or a service of AWS with none. */
export type Principal =
  | { readonly type: "identity"; readonly arn: string; readonly policies: readonly Policy[] }
  | { readonly type: "service"; readonly name: string };

export interface AccessRequest {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
  /** The policy of the resource asked for, where it has one. */
  readonly resourcePolicy?: Policy | undefined;
}

export type AccessResult = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * IAM's decision within one account: an explicit denial anywhere wins; else an identity policy or the resource's
 * policy must allow. Boundaries, session policies and organisations are outside the subset.
 */
export function evaluate(request: AccessRequest): AccessResult {
  const { principal, resourcePolicy = [] } = request;
  const identity = principal.type === "identity" ? principal.policies.flat() : [];
  const own = identity.filter((statement) => applies(statement, request));
  const attached = resourcePolicy.filter(
    (statement) => applies(statement, request) && namesPrincipal(statement, principal),
  );
  if (own.some(({ effect }) => effect === "Deny")) {
    return { allowed: false, reason: "with an explicit deny in an identity-based policy" };
  }
  if (attached.some(({ effect }) => effect === "Deny")) {
    return { allowed: false, reason: "with an explicit deny in a resource-based policy" };
  }
  if (own.length + attached.length > 0) return { allowed: true };
  return {
    allowed: false,
    reason: `because no ${principal.type === "identity" ? "identity-based" : "resource-based"} policy allows the ${request.action} action`,
  };
}

const applies = (statement: Statement, request: AccessRequest): boolean =>
  covers(statement, request) && statement.condition(request.context);

/** Answers that are kept of a statement. */
const MOST_KEPT = 1_000;
const kept = new WeakMap<Statement, Map<string, boolean>>();

/**
 * Whether a statement is for this action on this resource, whatever its condition says. Found once: requests ask the same of the
 * same statements again and again, and to compare all their patterns was a twentieth of what the local runtime does.
 */
export function covers(
  statement: Statement,
  { action, resource }: Pick<AccessRequest, "action" | "resource">,
): boolean {
  const answers = kept.get(statement) ?? new Map<string, boolean>();
  kept.set(statement, answers);
  const question = `${action} ${resource}`;
  const known = answers.get(question);
  if (known !== undefined) return known;
  const answer =
    statement.actions.some((pattern) => matchesAction(pattern, action)) &&
    statement.resources.some((pattern) => matchesArn(pattern, resource));
  if (answers.size >= MOST_KEPT) answers.clear();
  answers.set(question, answer);
  return answer;
}

function namesPrincipal({ principals }: Statement, principal: Principal): boolean {
  return principals.some((pattern) => matchesPrincipal(pattern, principal));
}

function matchesPrincipal(pattern: PrincipalPattern, principal: Principal): boolean {
  switch (pattern.type) {
    case "anyone":
      return true;
    case "service":
      return principal.type === "service" && principal.name === pattern.name;
    case "aws":
      return principal.type === "identity" && isOf(pattern.arn, principal.arn);
  }
}

/** A principal element names one identity, or with an account's root or bare number everyone of the account. */
function isOf(pattern: string, arn: string): boolean {
  if (pattern === arn) return true;
  const account = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(pattern)?.[1];
  return account !== undefined && arn.split(":")[4] === account;
}
