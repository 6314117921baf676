import { covers, type AccessRequest, type AccessResult } from "./evaluate.ts";
import { matchesAction, matchesArn } from "./pattern.ts";
import type { Policy, Statement } from "./iam-policy.ts";
import type { LocalRole } from "../provision/site.ts";

/** One action on one resource that a role's policies allow, as they are written. */
export interface Grant {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** The statement's Condition as JSON, or nothing. */
  readonly condition: string;
}

/** A call of a role that its policies do not allow. */
export interface RefusedCall {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

/** What the roles of a template may do, and what they did. */
export interface RightsReport {
  readonly granted: readonly Grant[];
  /** Each of them alone allowed some call: where two allow it, neither is known to be needed. */
  readonly used: readonly Grant[];
  readonly refused: readonly RefusedCall[];
}

export interface RightsRecord {
  /** Told of every call that was judged. */
  judged(request: AccessRequest, result: AccessResult): void;
  /** Names are those of resources in their stacks: two templates of one construct are compared by them. */
  report(roles: Iterable<LocalRole>, stacks: readonly string[]): RightsReport;
}

/** Holds the rights that are granted against those that are used. */
export function createRightsRecord(): RightsRecord {
  const used = new Map<string, Grant>();
  const refused = new Map<string, RefusedCall>();

  return {
    judged(request, { allowed }) {
      const { principal, action, resource } = request;
      if (principal.type !== "identity") return;
      const role = principal.arn;
      if (!allowed) {
        const call = { role, action, resource };
        refused.set(JSON.stringify(call), call);
        return;
      }
      const allowing = new Map(
        grantsOf(
          principal.policies,
          (statement) => covers(statement, request) && statement.condition(request.context),
        )
          .filter((each) => matchesAction(each.action, action) && matchesArn(each.resource, resource))
          .map((each) => [JSON.stringify({ role, ...each }), { role, ...each }]),
      );
      if (allowing.size === 1) for (const [key, grant] of allowing) used.set(key, grant);
    },
    report(roles, stacks) {
      const byArn = new Set<string>();
      const granted: Grant[] = [];
      for (const { arn, policies } of roles) {
        byArn.add(arn);
        granted.push(...grantsOf(policies).map((grant) => ({ role: arn, ...grant })));
      }
      const short = shortenIn(stacks);
      const ofTemplate = <T extends { readonly role: string }>(calls: Iterable<T>) =>
        [...calls].filter(({ role }) => byArn.has(role)).map((call) => mapTexts(call, short));
      return {
        granted: ofTemplate(granted),
        used: ofTemplate(used.values()),
        refused: ofTemplate(refused.values()),
      };
    },
  };
}

/** What policies allow by the statements that apply. @default all apply */
const grantsOf = (policies: readonly Policy[], applies: (statement: Statement) => boolean = () => true) =>
  policies
    .flat()
    .filter((statement) => statement.effect === "Allow" && applies(statement))
    .flatMap(({ actions, resources, conditionText: condition = "" }) =>
      actions.flatMap((action) => resources.map((resource) => ({ action, resource, condition }))),
    );

/** A name without its stack, and without what this machine makes up for it. */
const shortenIn = (stacks: readonly string[]) => {
  // The longest first: one stack's name may begin with another's.
  const names = stacks.toSorted((a, b) => b.length - a.length).flatMap((name) => [name, name.toLowerCase()]);
  return (text: string) =>
    names
      .reduce((shorter, name) => shorter.replaceAll(`${name}-`, ""), text)
      .replace(/^arn:aws:iam::\d*:role\//, "")
      .replace(/(?<=:key\/)[0-9a-f]{32}/, "KEY")
      .replace(/(?<=:secret:.*)-[0-9a-f]{6}$/, "");
};

const mapTexts = <T extends object>(fields: T, map: (text: string) => string): T =>
  // All fields are texts, and stay so.
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, map(String(text))])) as T;
