import type { AccessRequest, Verdict } from "./evaluate.ts";
import { matchesAction, matchesArn } from "./pattern.ts";
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
  readonly used: readonly Grant[];
  readonly refused: readonly RefusedCall[];
}

export interface RightsRecord {
  /** Told of every call that was judged. */
  judged(request: AccessRequest, verdict: Verdict): void;
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
      for (const { effect, actions, resources, condition, conditionText = "" } of principal.policies.flat()) {
        if (effect !== "Allow" || !condition(request.context)) continue;
        for (const pattern of actions.filter((each) => matchesAction(each, action)))
          for (const arn of resources.filter((each) => matchesArn(each, resource))) {
            const grant = { role, action: pattern, resource: arn, condition: conditionText };
            used.set(JSON.stringify(grant), grant);
          }
      }
    },
    report(roles, stacks) {
      const byArn = new Set<string>();
      const granted: Grant[] = [];
      for (const { arn, policies } of roles) {
        byArn.add(arn);
        for (const { effect, actions, resources, conditionText = "" } of policies.flat())
          if (effect === "Allow")
            for (const action of actions)
              for (const resource of resources)
                granted.push({ role: arn, action, resource, condition: conditionText });
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
