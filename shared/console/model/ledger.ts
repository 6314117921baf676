import type { OutlineEvent } from "./event-outline.ts";
import { tasksFrom, type CreatedTask, type ForkedUse } from "./forked.ts";

/** What attempts cost, of one agent, step or attempt. */
export interface LedgerLine {
  readonly name: string;
  readonly attempts: number;
  readonly tokens: number;
  readonly money: number;
  /** Of that, for answers that were not used. */
  readonly wastedTokens: number;
  readonly wastedMoney: number;
  /** To AWS, as far as they are known. */
  readonly requests?: number;
}

/** Requests to AWS that a session took: those of attempts, and of what no attempt alone caused. */
export interface AwsRequests {
  readonly total: number;
  readonly others: number;
  readonly attempts: readonly {
    readonly task: string;
    readonly attempt: number;
    readonly requests: number;
  }[];
}

/** An outcome of a fork's origin that the fork uses again: nothing is spent on it. */
export interface ReusedOutcome {
  readonly agent: string;
  readonly step: string;
  readonly sequence: number;
  /** The event of the origin that recorded it. */
  readonly from: number;
  /** What the origin's agent used for it: the fork did not. */
  readonly tokens: number;
  readonly money: number;
}

export interface AttemptCost {
  readonly task: string;
  readonly attempt: number;
  readonly agent: string;
  readonly step: string;
  /** The event that began it. */
  readonly sequence: number;
  readonly outcome: string;
  readonly tokens: number;
  readonly money: number;
  /** To AWS, as far as they are known. */
  readonly requests?: number;
  /** Why it was for nothing; absent where it was used, or is under way. */
  readonly waste?: "stale" | "late" | "retried";
}

export interface Ledger {
  readonly agents: readonly LedgerLine[];
  readonly steps: readonly LedgerLine[];
  readonly attempts: readonly AttemptCost[];
  readonly reused: readonly ReusedOutcome[];
  /** What the reused outcomes had used in the origin. */
  readonly saved: { readonly tokens: number; readonly money: number };
  readonly total: LedgerLine;
  readonly waste: Readonly<Record<"stale" | "late" | "retried", LedgerLine>>;
  /** What was left of the budgets, at each dispatch that says so. */
  readonly budgets: readonly BudgetPoint[];
}

export interface BudgetPoint {
  readonly sequence: number;
  readonly tokensLeft?: number;
  readonly moneyLeft?: number;
}

const OUTCOMES: Readonly<Record<string, Pick<AttemptCost, "outcome" | "waste">>> = {
  AnswerApplied: { outcome: "applied" },
  AnswerStale: { outcome: "stale", waste: "stale" },
  AnswerLate: { outcome: "late", waste: "late" },
  AnswerUnusable: { outcome: "unusable", waste: "retried" },
  AttemptFailed: { outcome: "failed", waste: "retried" },
  AttemptTimedOut: { outcome: "timed out", waste: "late" },
  AttemptFenced: { outcome: "fenced", waste: "retried" },
};

/** Adds up what the attempts of a session cost: by what their agents reported, and by the requests to AWS that are known of them. */
export function ledgerOf(events: readonly OutlineEvent[], known?: AwsRequests): Ledger {
  const requestsOf = new Map(known?.attempts.map((one) => [`${one.task}/${one.attempt}`, one.requests]));
  const usedInOrigin = new Map<number, ForkedUse>();
  const costs = new Map<string, AttemptCost>();
  const created = new Map<string, CreatedTask>();
  const reused: ReusedOutcome[] = [];
  for (const event of events) {
    const { type, sequence, task, attempt, agent, from = 0, tokens = 0, money = 0 } = event;
    for (const one of tasksFrom(event)) created.set(one.task, one);
    for (const one of event.forked?.uses ?? []) usedInOrigin.set(one.at, one);
    const creation = created.get(task ?? "");
    if (type === "OutcomeReused") {
      const { tokens: spared = 0, money: sparedMoney = 0 } = usedInOrigin.get(from) ?? {};
      reused.push({
        ...{ agent: creation?.agent ?? "", step: creation?.step ?? "", sequence, from },
        ...{ tokens: spared, money: sparedMoney },
      });
    }
    if (task === undefined || attempt === undefined) continue;
    const key = `${task}/${attempt}`;
    if (type === "AttemptDispatched") {
      const begun = { task, attempt, agent: agent ?? "", step: creation?.step ?? "", sequence };
      const requests = requestsOf.get(key);
      costs.set(key, {
        ...{ ...begun, outcome: "under way", tokens: 0, money: 0 },
        ...(requests !== undefined && { requests }),
      });
    }
    const [cost, end] = [costs.get(key), OUTCOMES[type]];
    if (cost === undefined || end === undefined) continue;
    // An attempt that timed out may still answer: what that cost counts once.
    costs.set(key, { ...cost, ...end, tokens: cost.tokens + tokens, money: cost.money + money });
  }
  const attempts = [...costs.values()];
  return {
    agents: by(attempts, ({ agent }) => agent),
    steps: by(attempts, ({ step }) => step),
    attempts,
    reused,
    saved: {
      tokens: sumOf(reused, ({ tokens }) => tokens),
      money: sumOf(reused, ({ money }) => money),
    },
    total: summed("total", attempts),
    waste: {
      stale: summed(
        "stale",
        attempts.filter(({ waste }) => waste === "stale"),
      ),
      late: summed(
        "late",
        attempts.filter(({ waste }) => waste === "late"),
      ),
      retried: summed(
        "retried",
        attempts.filter(({ waste }) => waste === "retried"),
      ),
    },
    budgets: events.flatMap(({ sequence, tokensLeft, moneyLeft }) =>
      tokensLeft === undefined && moneyLeft === undefined
        ? []
        : [
            {
              sequence,
              ...(tokensLeft !== undefined && { tokensLeft }),
              ...(moneyLeft !== undefined && { moneyLeft }),
            },
          ],
    ),
  };
}

function by(attempts: readonly AttemptCost[], nameOf: (cost: AttemptCost) => string): readonly LedgerLine[] {
  const groups = new Map<string, AttemptCost[]>();
  for (const cost of attempts) {
    const group = groups.get(nameOf(cost)) ?? [];
    group.push(cost);
    groups.set(nameOf(cost), group);
  }
  return [...groups]
    .map(([name, group]) => summed(name, group))
    .sort((one, other) => other.tokens - one.tokens || one.name.localeCompare(other.name));
}

function summed(name: string, attempts: readonly AttemptCost[]): LedgerLine {
  const sum = (amount: (cost: AttemptCost) => number): number => sumOf(attempts, amount);
  return {
    name,
    attempts: attempts.length,
    tokens: sum(({ tokens }) => tokens),
    money: sum(({ money }) => money),
    wastedTokens: sum(({ tokens, waste }) => (waste === undefined ? 0 : tokens)),
    wastedMoney: sum(({ money, waste }) => (waste === undefined ? 0 : money)),
    ...(attempts.some(({ requests }) => requests !== undefined) && {
      requests: sum(({ requests = 0 }) => requests),
    }),
  };
}

const sumOf = <T>(all: readonly T[], amount: (one: T) => number): number =>
  all.reduce((total, one) => total + amount(one), 0);
