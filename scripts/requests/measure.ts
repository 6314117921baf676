import type { LocalCloud } from "#local/cloud.ts";
import { APART_KINDS, STEP_KINDS, type Kind, type Tally } from "./kinds.ts";
import { LONG, play, SHORT, type Play, type Way } from "./play.ts";

/** Requests of one sequential agent step, those listed apart excluded. */
export const MOST_PER_STEP = 7;
/** The relay sends a task a second time, unless it has arrived. */
export const MOST_SECOND_SENDS = 1;
/** One of the commit itself; one of those before it, where another process of the relay had them: it folds them onto the session's row. */
const MOST_PROOFS = 2;

const KINDS: readonly Kind[] = [...STEP_KINDS, "other", ...APART_KINDS];

export interface PlayRequests {
  readonly play: string;
  readonly about: string;
  readonly agents: number;
  readonly way: Way;
  readonly requests: Tally;
  /** Those that are not listed apart. */
  readonly total: number;
}

export interface StepRequests {
  readonly way: Way;
  readonly requests: Tally;
  readonly total: number;
}

export interface RequestsReport {
  readonly steps: readonly StepRequests[];
  readonly plays: readonly PlayRequests[];
  readonly problems: readonly string[];
}

const REQUESTED: readonly Way[] = ["request", "waiting"];

/**
 * Plays each message `rounds` times, without and with a caller that waits, the last one by spine-in too. Of several rounds the middle count stands: a
 * try that the SDK repeated on a busy machine is no cost of the design.
 */
export async function measureRequests(
  cloud: LocalCloud,
  plays: readonly Play[],
  rounds: number,
): Promise<RequestsReport> {
  const played: PlayRequests[] = [];
  for (const way of [...REQUESTED, "bus" as const]) {
    for (const one of way === "bus" ? plays.slice(-1) : plays) {
      const tallies: Tally[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        tallies.push(await play(cloud, `${one.name}-${way}-${round}`, one, way));
      }
      const { name, about, agents } = one;
      const requests = middle(tallies);
      played.push({ play: name, about, agents, way, requests, total: totalOf(requests) });
    }
  }
  const steps = REQUESTED.flatMap((way) => stepOf(played, way));
  return { steps, plays: played, problems: steps.flatMap(problemsOf) };
}

/** What the one agent more costs: all that a session costs once is in both and cancels out. */
export function stepOf(played: readonly PlayRequests[], way: Way): readonly StepRequests[] {
  const of = ({ name }: Play) => played.find((each) => each.play === name && each.way === way)?.requests;
  const [short, long] = [of(SHORT), of(LONG)];
  if (short === undefined || long === undefined) return [];
  const requests = combine((kind) => (long[kind] ?? 0) - (short[kind] ?? 0));
  return [{ way, requests, total: totalOf(requests) }];
}

export function problemsOf({ way, requests, total }: StepRequests): readonly string[] {
  const of = `a sequential agent step${way === "waiting" ? " of a session whose caller waits" : ""}`;
  const seconds = requests["second send"] ?? 0;
  const proofs = requests.proof ?? 0;
  return [
    ...(total > MOST_PER_STEP ? [`${of} takes ${total} requests; the bound is ${MOST_PER_STEP}`] : []),
    ...(seconds > MOST_SECOND_SENDS
      ? [`the relay sends ${seconds} times for ${of}; the bound is ${MOST_SECOND_SENDS}`]
      : []),
    ...(proofs > MOST_PROOFS
      ? [`the relay reads ${proofs} times for ${of}; the bound is ${MOST_PROOFS}`]
      : []),
  ];
}

/** Without what is listed apart; what nobody expected is in it. */
export const totalOf = (requests: Tally): number =>
  [...STEP_KINDS, "other" as const].reduce((sum, kind) => sum + (requests[kind] ?? 0), 0);

const middle = (tallies: readonly Tally[]): Tally =>
  combine((kind) => {
    const counts = tallies.map((each) => each[kind] ?? 0).toSorted((a, b) => a - b);
    return counts[Math.floor(counts.length / 2)] ?? 0;
  });

const combine = (countOf: (kind: Kind) => number): Tally =>
  Object.fromEntries(KINDS.map((kind) => [kind, countOf(kind)]).filter(([, count]) => count !== 0));
