import type { Grant, RefusedCall, RightsReport } from "#local/iam/rights-record.ts";

/** Rights that no scenario on this machine needs, and why they stay. `*` stands for any text. */
export interface UnusedRight {
  readonly roles: readonly string[];
  readonly right: string;
  readonly reason: string;
  /** Whether one of them is needed depends on how fast the machine is. @default false */
  readonly sometimes?: true;
}

export interface NeedlessException {
  readonly role: string;
  readonly right: string;
}

export interface Judgement {
  /** Calls that no policy allows. */
  readonly refused: readonly RefusedCall[];
  /** Rights that nothing needed and no exception names; and all whose action is a pattern. */
  readonly unused: readonly Grant[];
  /** Rights that nothing used, with their reasons. */
  readonly excepted: readonly { readonly grant: Grant; readonly reason: string }[];
  /** What is excepted and needed after all, or not granted at all. */
  readonly needless: readonly NeedlessException[];
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
  // Of the actions that a pattern allows those that nobody takes would never show.
  const idle = [...granted]
    .filter(([key, { action }]) => !used.has(key) || action.includes("*"))
    .map(([, grant]) => grant);
  const excepted: { grant: Grant; reason: string }[] = [];
  const unused = idle.filter((grant) => {
    const exception = exceptions.find(({ roles, right }) =>
      roles.some((role) => isOf({ role, right }, grant)),
    );
    if (exception !== undefined) excepted.push({ grant, reason: exception.reason });
    return exception === undefined;
  });
  const refused = unique(
    reports.flatMap((report) => report.refused),
    callKey,
  );
  const needless = exceptions.flatMap(({ roles, right, sometimes = false }) =>
    roles
      .map((role) => ({ role, right }))
      .filter((one) => {
        const named = [...granted.values()].filter((grant) => isOf(one, grant));
        return named.length === 0 || (!sometimes && named.some((grant) => !idle.includes(grant)));
      }),
  );
  const sound = refused.size + unused.length + needless.length === 0 && granted.size > 0;
  return { refused: [...refused.values()], unused, excepted, needless, granted: granted.size, sound };
}

const isOf = ({ role, right }: NeedlessException, grant: Grant): boolean =>
  matches(role, grant.role) && matches(right, rightText(grant));
const grantKey = ({ role, action, resource, condition }: Grant): string =>
  JSON.stringify([role, action, resource, condition]);
const callKey = ({ role, action, resource }: RefusedCall): string => JSON.stringify([role, action, resource]);

const unique = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [keyOf(item), item]));

function matches(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s").test(text);
}
