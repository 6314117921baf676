import { chance } from "#memory/seeded-chance.ts";
import { DEFAULT_QUOTAS, type Quotas } from "./quotas.ts";

/** Refusals beside those of the quotas: a machine like this reaches none of them. */
export interface SeededThrottling {
  readonly seed: number;
  /** The share of requests that is refused, from 0 up to 1. @default 0.05 */
  readonly share?: number;
}

export interface ThrottlingOptions {
  readonly seeded?: SeededThrottling;
  /** @default those of us-east-1 */
  readonly quotas?: Partial<Quotas>;
}

/** What is refused because there is too much of it. */
export interface Throttling {
  readonly quotas: Quotas;
  /** Whether the seed refuses this request: the n-th of its kind, whoever asks. */
  strikes(kind: string): boolean;
  /** To be called where a quota refuses. */
  refused(kind: string): void;
  /** How often what was refused, by seed or quota. */
  counts(): Readonly<Record<string, number>>;
}

const SHARE = 0.05;

export function createThrottling({ seeded, quotas = {} }: ThrottlingOptions = {}): Throttling {
  const asked = new Map<string, number>();
  const refusals = new Map<string, number>();
  const refused = (kind: string) => void refusals.set(kind, (refusals.get(kind) ?? 0) + 1);
  return {
    quotas: { ...DEFAULT_QUOTAS, ...quotas },
    strikes(kind) {
      if (seeded === undefined) return false;
      const nth = (asked.get(kind) ?? 0) + 1;
      asked.set(kind, nth);
      const struck = chance(seeded.seed, `${kind} ${nth}`) < (seeded.share ?? SHARE);
      if (struck) refused(kind);
      return struck;
    },
    refused,
    counts: () => Object.fromEntries([...refusals].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
