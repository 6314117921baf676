import type { Application } from "#core/flow/compile.ts";
import type { JsonObject } from "#core/json.ts";
import { between, chance, pickOne } from "#memory/seeded-chance.ts";
import { drawPersonal, plantNeedles } from "./needles.ts";

/** What somebody outside asks of a session, and how. */
export interface PlannedInput {
  /** The same in every run of the seed: a shorter run leaves some out by name. */
  readonly name: string;
  readonly session: string;
  /** After the start, ms. */
  readonly at: number;
  readonly via: "http" | "bus";
  readonly source: string;
  readonly id: string;
  readonly what:
    | { readonly type: "event"; readonly body: JsonObject }
    /** Ends all runs, or the one that started last; `harsh` leaves what they did. */
    | { readonly type: "stop" | "cancel"; readonly harsh: boolean }
    /** Tells agents at work something, or nobody. */
    | { readonly type: "signal"; readonly body: JsonObject }
    /** Begins a session with what this one had as of an event: this share of its events so far. */
    | { readonly type: "fork"; readonly as: string; readonly share: number };
  /** How often the caller tries again when it hears nothing or is told to. */
  readonly retries: number;
  /** Seconds that the caller waits for the reply. */
  readonly waitMs: number;
}

export interface Scenario {
  readonly sessions: readonly string[];
  /** Sessions that somebody begins by forking one of those. @default none */
  readonly forks?: readonly string[];
  readonly inputs: readonly PlannedInput[];
  readonly idWindow: number;
  /** Paths that the tenant declares as personal. @default none */
  readonly personal?: readonly string[];
  /** How many tasks of a tenant a queue has in flight at most. @default any number */
  readonly tenantInFlight?: number;
}

const MOST_SESSIONS = 3;
/** Of seeds in which a tenant's tasks share groups, so that they wait for one another. */
const BOUNDED_SHARE = 0.2;
const MOST_IN_FLIGHT = 3;
/** Of sessions that somebody forks, while they are under way or later. */
const FORKED_SHARE = 0.12;
const LATEST_FORK_MS = 15_000;
/** Longer than retention leaves the commits of a session that it has ended. */
const LEAST_AWAY_MS = 1_250_000;
const MOST_AWAY_MS = 3_600_000;

/** What the world asks of the spine in a seed. */
export function planScenario(seed: number, application: Application): Scenario {
  const count = between(seed, "sessions", 1, MOST_SESSIONS);
  const sessions = Array.from({ length: count }, (_, index) => `s${index}`);
  const types = [...application.eventTypes];
  // Mostly so small that ids leave it at once.
  const idWindow = pickOne(seed, "window", [1, 1, 2, 3, 4, 6]);
  const personal = drawPersonal(seed);
  const listening = [...application.contracts.values()].flatMap(({ spec }) =>
    spec.signals === undefined ? [] : [spec.name],
  );
  const inputs = sessions.flatMap((session) => [
    ...planSession(seed, session, types, personal),
    ...planSignals(seed, session, listening),
  ]);
  const forks = inputs.flatMap(({ what }) => (what.type === "fork" ? [what.as] : []));
  const isBounded = chance(seed, "tenant in flight") < BOUNDED_SHARE;
  return {
    sessions,
    idWindow,
    inputs,
    ...(forks.length > 0 && { forks }),
    ...(personal !== undefined && { personal }),
    ...(isBounded && { tenantInFlight: between(seed, "most in flight", 1, MOST_IN_FLIGHT) }),
  };
}

function planSession(
  seed: number,
  session: string,
  types: readonly string[],
  personal: readonly string[] | undefined,
): readonly PlannedInput[] {
  const draw = (what: string) => chance(seed, `${session} ${what}`);
  // A flood brings whole batches of new inputs, more than the id window holds.
  const flood = draw("flood") < 0.05;
  const count = flood
    ? between(seed, `${session} inputs`, 4, 7)
    : pickOne(seed, `${session} inputs`, [1, 1, 1, 2, 3]);
  const burst = flood || draw("burst") < 0.3;
  const numbered = draw("numbered") < 0.3;
  const shuffled = draw("shuffled") < 0.6;
  // Some sessions are busy at once, others take their time.
  const spread = pickOne(seed, `${session} spread`, [90, 500, 20_000]);
  // Somebody comes back when all the others have long been answered.
  const returns = draw("returns") < 0.15;
  const inputs = Array.from({ length: returns ? count + 1 : count }, (_, index): PlannedInput => {
    const name = `${session}.i${index}`;
    const one = (what: string) => chance(seed, `${name} ${what}`);
    const type = pickOne(seed, `${name} type`, types);
    const at = burst ? Math.floor(one("at") * (flood ? 300 : 40)) : index * spread * (0.3 + one("at"));
    const place = numbered ? index + 1 : undefined;
    const ordinal = place === undefined || !shuffled ? place : swapped(seed, session, place, count);
    const planted = personal && plantNeedles(name, personal);
    const locale = one("facts") < 0.2 ? { locale: pickOne(seed, `${name} locale`, ["en", "de"]) } : undefined;
    const facts = locale ?? planted?.facts;
    const via = one("via") < (burst ? 0.8 : 0.35) ? "bus" : "http";
    return {
      name,
      session,
      at: index < count ? Math.round(at) : between(seed, `${name} return`, LEAST_AWAY_MS, MOST_AWAY_MS),
      via,
      source: numbered ? "numbering" : pickOne(seed, `${name} source`, ["web", "app"]),
      id: name,
      what: {
        type: "event",
        body: {
          type,
          data: { n: between(seed, `${name} n`, 0, 9), ...planted?.data },
          ...(ordinal !== undefined && { ordinal }),
          ...(one("lane") < 0.1 && { lane: "express" }),
          ...(facts !== undefined && { session: facts }),
          ...planLimits(seed, name),
        },
      },
      retries: one("patience") < 0.5 ? 0 : between(seed, `${name} retries`, 1, 4),
      waitMs: one("waits") < 0.1 ? between(seed, `${name} wait`, 100, 3_000) : 0,
    };
  });
  const within = spread * count;
  return [
    ...inputs,
    ...(draw("command") < 0.12 ? [planCommand(seed, session, within)] : []),
    ...(draw("fork") < FORKED_SHARE ? [planFork(seed, session, within)] : []),
  ];
}

/** Few events bring limits with them: for what agents use, or for how long the session may still go on. */
function planLimits(seed: number, name: string): { readonly constraints?: JsonObject } {
  // Somebody tries what the deployment does not allow.
  if (chance(seed, `${name} lifts`) < 0.15) return { constraints: { budget: { hops: 1_000_000 } } };
  const draw = chance(seed, `${name} limits`);
  if (draw < 0.15) return { constraints: { budget: { tokens: between(seed, `${name} tokens`, 1, 60) } } };
  if (draw < 0.2)
    return { constraints: { budget: { sessionMs: between(seed, `${name} session`, 500, 30_000) } } };
  return {};
}

/** Neighbours change places: the numbers come out of order, and sometimes one is missing. */
function swapped(seed: number, session: string, place: number, count: number): number {
  const pair = Math.floor((place - 1) / 2);
  if (chance(seed, `${session} swap ${pair}`) < 0.4) return place;
  const partner = place % 2 === 1 ? place + 1 : place - 1;
  return partner > count ? place + 1 : partner;
}

function planCommand(seed: number, session: string, within: number): PlannedInput {
  const name = `${session}.c0`;
  const type = chance(seed, `${name} type`) < 0.4 ? "stop" : "cancel";
  return {
    name,
    session,
    at: between(seed, `${name} at`, 10, within),
    via: "http",
    source: "operator",
    id: name,
    what: { type, harsh: chance(seed, `${name} harsh`) < 0.3 },
    retries: 2,
    waitMs: 0,
  };
}

const MOST_SIGNALS = 6;
const LATEST_SIGNAL_MS = 45_000;

/** What agents are told while they work, and a little later. */
function planSignals(seed: number, session: string, agents: readonly string[]): readonly PlannedInput[] {
  if (agents.length === 0) return [];
  const count = between(seed, `${session} signals`, 0, MOST_SIGNALS);
  return Array.from({ length: count }, (_, index): PlannedInput => {
    const name = `${session}.t${index}`;
    const to = pickOne(seed, `${name} to`, [...agents, ...agents, "plan", "nobody"]);
    const told = chance(seed, `${name} name`) < 0.05 ? "unsaid" : "more";
    return {
      name,
      session,
      at: between(seed, `${name} at`, 20, LATEST_SIGNAL_MS),
      via: "http",
      source: "teller",
      id: name,
      what: { type: "signal", body: { to, name: told, data: index } },
      retries: between(seed, `${name} retries`, 0, 3),
      waitMs: 0,
    };
  });
}

function planFork(seed: number, session: string, within: number): PlannedInput {
  const name = `${session}.f0`;
  return {
    name,
    session,
    at: between(seed, `${name} at`, 100, within + LATEST_FORK_MS),
    via: "http",
    source: "operator",
    id: name,
    what: { type: "fork", as: `${session}-fork`, share: chance(seed, `${name} share`) },
    retries: 2,
    waitMs: 0,
  };
}
