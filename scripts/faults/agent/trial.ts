import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "#core/json.ts";
import type { SentInput } from "#local/check-log/dump.ts";
import { untilIdle } from "#local/faults/until-idle.ts";
import { CAREFUL_ASKED, RISKY_ASKED } from "../app/application.ts";
import type { Badness } from "../app/contracts.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { send, sentInput, type ProducerEvent } from "../producer.ts";
import { readEnds, type SessionEnd } from "./session-end.ts";

export interface TrialOptions {
  /** What its sessions' names begin with. */
  readonly name: string;
  /** Half of them use the bad agent. */
  readonly sessions: number;
  /** How many of those that do not use it are under way at once. */
  readonly atOnce: number;
  /** In turn. */
  readonly kinds: readonly Badness[];
  /** Move time ahead where only time is waited for. Then how long a session took says nothing. @default false */
  readonly hurry?: boolean;
}

export interface TrialSession extends SessionEnd {
  readonly session: string;
  /** How bad the agent is that it uses; missing where it uses none. */
  readonly badness?: Badness;
  readonly index: number;
  /** From the request to the reply, as the one who asked saw it; missing where nobody waited. */
  readonly waitedMs?: number;
  readonly sent: SentInput;
}

const WAIT_SECONDS = 25;
const LOOK_MS = 250;

/**
 * Starts sessions, of which every second one uses an agent of this badness, until all have ended. Those that do not use it
 * are waited for, one of the others starts beside each: the load is the same however long the others take.
 */
export async function runTrial(
  spine: FaultySpine,
  { name: prefix, sessions, atOnce, kinds, hurry = false }: TrialOptions,
): Promise<readonly TrialSession[]> {
  const name = (index: number) => `${prefix}-${index}`;
  const asked: Asked[] = [];
  let next = 0;
  const producer = async () => {
    while (next < sessions) {
      const pair = [next, next + 1].filter((index) => index < sessions);
      next += pair.length;
      const answers = pair.map((index) => ask(spine, name(index), eventOf(index, kinds, name), index));
      asked.push(...(await Promise.all(answers)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, producer));
  asked.sort((one, other) => one.index - other.index);
  const names = asked.map(({ session }) => session);
  if (!hurry) await allEnded(spine, names);
  await untilIdle(spine.cloud);
  const ends = await readEnds(spine, names);
  return asked.map((one, index) => ({ ...one, ...(ends[index] as SessionEnd) })); // one for each name
}

/** Without moving time: the times in the log are those that it took. */
async function allEnded(spine: FaultySpine, names: readonly string[]): Promise<void> {
  let open = names;
  while (open.length > 0 && spine.cloud.busy() + waiting(spine) > 0) {
    await pause(LOOK_MS);
    const ends = await readEnds(spine, open);
    open = open.filter((_name, index) => ends[index]?.reply === undefined);
  }
}

/** Deadlines ahead. */
const waiting = ({ cloud }: FaultySpine): number =>
  cloud.messages().reduce((sum, { delayed }) => sum + delayed, 0);

function eventOf(index: number, kinds: readonly Badness[], name: (index: number) => string): ProducerEvent {
  const data: JsonObject = { subject: `matter ${index}`, numbers: [index, index + 1] };
  const id = `asked-${index}`;
  const badness = badnessOf(index, kinds);
  if (badness === undefined) return { id, type: CAREFUL_ASKED, data };
  return { id, type: RISKY_ASKED, data: { ...data, badness, others: [name(index - 1), name(index + 1)] } };
}

const badnessOf = (index: number, kinds: readonly Badness[]): Badness | undefined =>
  index % 2 === 1 ? kinds[Math.floor(index / 2) % kinds.length] : undefined;

type Asked = Omit<TrialSession, keyof SessionEnd>;

/** Waits for the reply of those that use no bad agent. */
async function ask(spine: FaultySpine, session: string, event: ProducerEvent, index: number): Promise<Asked> {
  const badness = event.data["badness"] as Badness | undefined;
  const started = performance.now();
  const told = await send(spine, session, event, badness === undefined ? WAIT_SECONDS : 0);
  const waitedMs = performance.now() - started;
  const sent = sentInput(session, event, told);
  return badness === undefined ? { session, index, sent, waitedMs } : { session, index, sent, badness };
}
