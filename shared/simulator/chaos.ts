import { RETURNS } from "#core/returns.ts";
import { between, chance } from "#memory/seeded-chance.ts";

/** Everything that may go wrong around the spine, by the name under which it is counted. */
export const FAULT_KINDS = [
  "crash-before-call",
  "crash-after-call",
  "lost-acknowledgement",
  "throttled",
  "contended",
  "duplicate-delivery",
  "delayed-delivery",
  "visibility-expired",
  "poisoned",
  "reordered",
  "stream-stalled",
  "stream-repeated",
  "request-lost",
  "response-lost",
  "late-duplicate",
  "early-duplicate",
  "other-body",
  "over-quota",
  "other-engine",
  "clock-skew",
  "clock-far-off",
  "timer-early",
  "timer-late",
  "timer-twice",
  "bus-outage",
  "stream-outage",
  "flow-deployed",
  "log-words-renamed",
  "table-restored",
  "sessions-expire",
  "redriven",
  "breaker-open",
  "agent-fails",
  "agent-refuses",
  "agent-hangs",
  "agent-slow",
  "agent-garbage",
  "agent-dies",
  "agent-blocks",
  "agent-throws",
  "agent-floods",
  "agent-late",
  "agent-forges",
  "agent-claims",
  "agent-marks",
  "agent-overflows",
  "agent-poses",
  "agent-misnames",
  "agent-lifts",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One thing that goes wrong, at one place of a run that has the same name in every run of the seed. */
export interface Fault {
  readonly site: string;
  readonly kind: FaultKind;
  /** In milliseconds where the kind takes time. */
  readonly value: number;
}

interface Odds {
  /** Per opportunity, where the kind is in play. */
  readonly rate: number;
  readonly least?: number;
  readonly most?: number;
  /** How long it can hold a timer or a message up beyond its value, ms; -1 where even its value holds nothing up. */
  readonly holds?: number;
}

/** A message that fails, or whose function died, comes again when its visibility runs out. */
const REDELIVERED_MS = 36_000;
/** One that kills whoever takes it is given up after its last receive. */
const GIVEN_UP_MS = RETURNS.inputs.receives * REDELIVERED_MS;
/** What only a newer version can decide comes again so often, and so late, before it is given up. */
const NEWER_MS = RETURNS.newer.receives * 1_000 * RETURNS.newer.longestSeconds;
/** A letter that its session did not record is sent again after half a minute, then after 2 and after 8 more. */
const CONFIRMED_MS = 630_000;
/** What waits for an operator. */
export const OPERATOR_MS = 3_600_000;
/** What could not be relayed waits in the retry queue. */
const RELAYED_AGAIN_MS = 200_000;
const NOTHING = -1;
const DAY_MS = 86_400_000;

const ODDS: Readonly<Record<FaultKind, Odds>> = {
  "crash-before-call": { rate: 0.02, holds: RELAYED_AGAIN_MS },
  "crash-after-call": { rate: 0.02, holds: RELAYED_AGAIN_MS },
  "lost-acknowledgement": { rate: 0.03, holds: RELAYED_AGAIN_MS },
  throttled: { rate: 0.03, holds: RELAYED_AGAIN_MS },
  contended: { rate: 0.15, least: 30, most: 600 },
  "duplicate-delivery": { rate: 0.15, least: 1, most: 40_000, holds: NOTHING },
  "delayed-delivery": { rate: 0.08, least: 500, most: 20_000 },
  "visibility-expired": { rate: 0.06, least: 1, most: 200, holds: REDELIVERED_MS },
  poisoned: { rate: 0.02, holds: GIVEN_UP_MS + CONFIRMED_MS },
  reordered: { rate: 0.5, most: 1_000, holds: NOTHING },
  "stream-stalled": { rate: 0.08, least: 1_000, most: 400_000 },
  "stream-repeated": { rate: 0.1, least: 50, most: 400_000, holds: NOTHING },
  "request-lost": { rate: 0.08 },
  "response-lost": { rate: 0.08 },
  "late-duplicate": { rate: 0.25, least: 20_000, most: 2_000_000, holds: NOTHING },
  "early-duplicate": { rate: 0.15, most: 3_000, holds: NOTHING },
  "other-body": { rate: 0.08, least: 1_000, most: 60_000, holds: NOTHING },
  "over-quota": { rate: 0.12, least: 100, most: 20_000, holds: NOTHING },
  "other-engine": { rate: 0.5 },
  "clock-skew": { rate: 0.3, least: -150, most: 150 },
  "clock-far-off": { rate: 0.05, least: -5_000, most: 5_000 },
  "timer-early": { rate: 0.1, least: 1, most: 60_000 },
  "timer-late": { rate: 0.1, least: 500, most: 1_200_000 },
  "timer-twice": { rate: 0.15, most: 60_000, holds: NOTHING },
  "bus-outage": { rate: 0.2, least: 60_000, most: 500_000, holds: RELAYED_AGAIN_MS },
  "stream-outage": { rate: 0.25, least: 60_000, most: 590_000 },
  "flow-deployed": { rate: 0.4, most: 15_000, holds: NOTHING },
  "log-words-renamed": { rate: 0.3, most: 3_000, holds: 2 * NEWER_MS + 2 * OPERATOR_MS },
  "table-restored": { rate: 0.12, least: 300, most: 40_000, holds: NOTHING },
  "sessions-expire": { rate: 0.3, least: 2_000, most: 1_500_000, holds: NOTHING },
  redriven: { rate: 0.4, least: 13 * DAY_MS, most: 14 * DAY_MS, holds: NOTHING },
  "breaker-open": { rate: 0.04 },
  "agent-fails": { rate: 0.15 },
  "agent-refuses": { rate: 0.08 },
  "agent-hangs": { rate: 0.05 },
  "agent-slow": { rate: 0.12, least: 500, most: 4_500 },
  "agent-garbage": { rate: 0.08, most: 3 },
  "agent-dies": { rate: 0.04 },
  "agent-blocks": { rate: 0.04 },
  "agent-throws": { rate: 0.06, most: 2 },
  "agent-floods": { rate: 0.08, least: 3, most: 12 },
  "agent-late": { rate: 0.06, least: 10, most: 9_000 },
  "agent-forges": { rate: 0.06, most: 3 },
  "agent-claims": { rate: 0.08, least: 0, most: 3_000 },
  "agent-marks": { rate: 0.08 },
  "agent-overflows": { rate: 0.05, most: 5 },
  "agent-poses": { rate: 0.05, most: 1 },
  "agent-misnames": { rate: 0.1, most: 3 },
  "agent-lifts": { rate: 0.1, most: 3 },
};

/** Without any fault: polls, hops and the grace that deadlines have. */
const CALM_SLACK_MS = 10_000;

/** How far faults together can hold a timer or a message up, at most. */
export function slackOf(faults: readonly Fault[]): number {
  return faults.reduce((slack, { kind, value }) => {
    const { holds = 0 } = ODDS[kind];
    return holds === NOTHING ? slack : slack + holds + Math.abs(value);
  }, CALM_SLACK_MS);
}

const AGENT_KINDS: ReadonlySet<FaultKind> = new Set(FAULT_KINDS.filter((kind) => kind.startsWith("agent-")));

/** Which faults a run has: those that the seed draws, or exactly these. */
export type FaultPlan =
  | { readonly type: "drawn" }
  /** Only what agents do of their own accord. */
  | { readonly type: "none" }
  | { readonly type: "only"; readonly faults: ReadonlyMap<string, Fault> };

/** Told of every opportunity, in the order of the run. */
export type OnOffer = (site: string, kinds: readonly FaultKind[]) => void;

/**
 * Decides at each opportunity whether something goes wrong there. Each seed has only some kinds in play, with an
 * intensity of its own: faults that are rare together meet often in some seeds.
 */
export class Chaos {
  readonly drawn: Fault[] = [];
  readonly #seed: number;
  readonly #plan: FaultPlan;
  readonly #onOffer: OnOffer | undefined;
  readonly #rates = new Map<FaultKind, number>();

  constructor(seed: number, plan: FaultPlan, onOffer?: OnOffer) {
    this.#seed = seed;
    this.#plan = plan;
    this.#onOffer = onOffer;
    const intensity = [0, 0.4, 1, 1.6][between(seed, "intensity", 0, 3)] ?? 1;
    const share = 0.25 + 0.5 * chance(seed, "share");
    for (const kind of FAULT_KINDS) {
      const inPlay = chance(seed, `in play ${kind}`) < share;
      const meant = plan.type === "drawn" || (plan.type === "none" && AGENT_KINDS.has(kind));
      if (inPlay && meant) this.#rates.set(kind, Math.min(0.6, ODDS[kind].rate * intensity));
    }
  }

  /** The fault that happens at this site, if one of those that could does. */
  at(site: string, kinds: readonly FaultKind[]): Fault | undefined {
    this.#onOffer?.(site, kinds);
    const fault = this.#plan.type === "only" ? this.#plan.faults.get(site) : this.#draw(site, kinds);
    // A site may offer more at one time than at another.
    if (fault === undefined || !kinds.includes(fault.kind)) return undefined;
    this.drawn.push(fault);
    return fault;
  }

  #draw(site: string, kinds: readonly FaultKind[]): Fault | undefined {
    if (this.#rates.size === 0) return undefined;
    let draw = -1;
    for (const kind of kinds) {
      const rate = this.#rates.get(kind);
      if (rate === undefined) continue;
      if (draw < 0) draw = chance(this.#seed, site);
      if (draw < rate) {
        const { least = 0, most = 0 } = ODDS[kind];
        return { site, kind, value: between(this.#seed, `${site} value`, least, most) };
      }
      draw -= rate;
    }
    return undefined;
  }
}
