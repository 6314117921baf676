import type { Grant, RefusedCall, RightsReport } from "../local/iam/rights-record.ts";

/** A right that no scenario on this machine uses, and why it stays. `*` stands for any text. */
export interface UnusedRight {
  readonly role: string;
  readonly right: string;
  readonly reason: string;
}

export interface Judgement {
  /** Calls that no policy allows. */
  readonly refused: readonly RefusedCall[];
  /** Rights that nothing used and no exception names. */
  readonly unused: readonly Grant[];
  /** Rights that nothing used, with their reasons. */
  readonly excepted: readonly { readonly grant: Grant; readonly reason: string }[];
  /** Exceptions for rights that are used, or not granted at all. */
  readonly needless: readonly UnusedRight[];
  readonly granted: number;
}

/** `sqs:SendMessage arn:… if {…}` */
export const rightText = ({ action, resource, condition }: Grant): string =>
  `${action} ${resource}${condition === "" ? "" : ` if ${condition}`}`;

/** Holds what roles may do against what they did, over all that was played. */
export function judge(reports: readonly RightsReport[], exceptions: readonly UnusedRight[]): Judgement {
  const granted = unique(reports.flatMap((report) => report.granted));
  const used = new Set(reports.flatMap((report) => report.used).map(keyOf));
  const idle = [...granted].filter(([key]) => !used.has(key)).map(([, grant]) => grant);
  const needed = new Set<UnusedRight>();
  const excepted: { grant: Grant; reason: string }[] = [];
  const unused = idle.filter((grant) => {
    const exception = exceptions.find(
      ({ role, right }) => matches(role, grant.role) && matches(right, rightText(grant)),
    );
    if (exception === undefined) return true;
    needed.add(exception);
    excepted.push({ grant, reason: exception.reason });
    return false;
  });
  return {
    refused: [
      ...new Map(
        reports.flatMap(({ refused }) => refused).map((call) => [JSON.stringify(call), call]),
      ).values(),
    ],
    unused,
    excepted,
    needless: exceptions.filter((exception) => !needed.has(exception)),
    granted: granted.size,
  };
}

const keyOf = ({ role, action, resource, condition }: Grant): string =>
  JSON.stringify([role, action, resource, condition]);

const unique = (grants: readonly Grant[]): ReadonlyMap<string, Grant> =>
  new Map(grants.map((grant) => [keyOf(grant), grant]));

function matches(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s").test(text);
}
