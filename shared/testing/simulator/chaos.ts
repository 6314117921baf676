import { between, chance } from "./chance.ts";

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
  "other-engine",
  "clock-skew",
  "breaker-open",
  "agent-fails",
  "agent-refuses",
  "agent-hangs",
  "agent-slow",
  "agent-garbage",
  "agent-dies",
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
  readonly least: number;
  readonly most: number;
}

const ODDS: Readonly<Record<FaultKind, Odds>> = {
  "crash-before-call": { rate: 0.02, least: 0, most: 0 },
  "crash-after-call": { rate: 0.02, least: 0, most: 0 },
  "lost-acknowledgement": { rate: 0.03, least: 0, most: 0 },
  throttled: { rate: 0.03, least: 0, most: 0 },
  contended: { rate: 0.15, least: 30, most: 600 },
  "duplicate-delivery": { rate: 0.15, least: 1, most: 40_000 },
  "delayed-delivery": { rate: 0.08, least: 500, most: 20_000 },
  "visibility-expired": { rate: 0.06, least: 1, most: 200 },
  poisoned: { rate: 0.02, least: 0, most: 0 },
  reordered: { rate: 0.5, least: 0, most: 1_000 },
  "stream-stalled": { rate: 0.08, least: 1_000, most: 400_000 },
  "stream-repeated": { rate: 0.1, least: 50, most: 400_000 },
  "request-lost": { rate: 0.08, least: 0, most: 0 },
  "response-lost": { rate: 0.08, least: 0, most: 0 },
  "late-duplicate": { rate: 0.25, least: 20_000, most: 2_000_000 },
  "early-duplicate": { rate: 0.15, least: 0, most: 3_000 },
  "other-body": { rate: 0.08, least: 1_000, most: 60_000 },
  "other-engine": { rate: 0.5, least: 0, most: 0 },
  "clock-skew": { rate: 0.3, least: -150, most: 150 },
  "breaker-open": { rate: 0.04, least: 0, most: 0 },
  "agent-fails": { rate: 0.15, least: 0, most: 0 },
  "agent-refuses": { rate: 0.08, least: 0, most: 0 },
  "agent-hangs": { rate: 0.05, least: 0, most: 0 },
  "agent-slow": { rate: 0.12, least: 500, most: 4_500 },
  "agent-garbage": { rate: 0.08, least: 0, most: 0 },
  "agent-dies": { rate: 0.04, least: 0, most: 0 },
};

/** Without any fault: polls, hops and the grace that deadlines have. */
const CALM_SLACK_MS = 10_000;
/** A message that fails comes again when its visibility runs out; so does one whose function died. */
const REDELIVERED_MS = 36_000;
/** A message that kills its function is given up after 5 receives. */
const GIVEN_UP_MS = 5 * REDELIVERED_MS;

/** How far faults together can hold a timer or a message up, at most. */
export function slackOf(faults: readonly Fault[]): number {
  return faults.reduce((slack, { kind, value }) => slack + delayOf(kind, value), CALM_SLACK_MS);
}

function delayOf(kind: FaultKind, value: number): number {
  if (kind.startsWith("agent-")) return 0;
  return kind === "poisoned" ? GIVEN_UP_MS : REDELIVERED_MS + Math.abs(value);
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
    if (fault !== undefined) this.drawn.push(fault);
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
        const { least, most } = ODDS[kind];
        return { site, kind, value: between(this.#seed, `${site} value`, least, most) };
      }
      draw -= rate;
    }
    return undefined;
  }
}
