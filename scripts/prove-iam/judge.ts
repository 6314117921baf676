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
  /** Nothing refused, unused or needless, and something granted. */
  readonly sound: boolean;
}

/** `sqs:SendMessage arn:… if {…}` */
export const rightText = ({ action, resource, condition }: Grant): string =>
  `${action} ${resource}${condition === "" ? "" : ` if ${condition}`}`;

/** Holds what roles may do against what they did, over all that was played. */
export function judge(reports: readonly RightsReport[], exceptions: readonly UnusedRight[]): Judgement {
  const granted = unique(
    reports.flatMap((report) => report.granted),
    grantKey,
  );
  const used = new Set(reports.flatMap((report) => report.used).map(grantKey));
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
  const refused = unique(
    reports.flatMap((report) => report.refused),
    callKey,
  );
  const needless = exceptions.filter((exception) => !needed.has(exception));
  const sound = refused.size + unused.length + needless.length === 0 && granted.size > 0;
  return { refused: [...refused.values()], unused, excepted, needless, granted: granted.size, sound };
}

const grantKey = ({ role, action, resource, condition }: Grant): string =>
  JSON.stringify([role, action, resource, condition]);
const callKey = ({ role, action, resource }: RefusedCall): string => JSON.stringify([role, action, resource]);

const unique = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [keyOf(item), item]));

function matches(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s").test(text);
}
