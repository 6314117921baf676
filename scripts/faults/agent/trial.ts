import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "#core/json.ts";
import type { SentInput } from "../../check-log/dump.ts";
import { settle } from "../../local/faults/settle.ts";
import { CAREFUL_ASKED, RISKY_ASKED } from "../app/application.ts";
import { Badness } from "../app/contracts.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { send, sentInput, type ProducerEvent } from "../producer.ts";
import { readEnds, type SessionEnd } from "./session-end.ts";

export interface TrialOptions {
  /** Half of them use the bad agent. */
  readonly sessions: number;
  /** How many of those that do not use it are under way at once. */
  readonly atOnce: number;
  readonly badness: Badness;
}

export interface TrialSession extends SessionEnd {
  readonly session: string;
  readonly usesBadAgent: boolean;
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
  { sessions, atOnce, badness }: TrialOptions,
): Promise<readonly TrialSession[]> {
  const name = (index: number) => `${badness}-${index}`;
  const asked: Asked[] = [];
  let next = 0;
  const producer = async () => {
    while (next < sessions) {
      const pair = [next, next + 1].filter((index) => index < sessions);
      next += pair.length;
      const answers = pair.map((index) => ask(spine, name(index), eventOf(index, badness, name), index));
      asked.push(...(await Promise.all(answers)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, producer));
  asked.sort((one, other) => one.index - other.index);
  const names = asked.map(({ session }) => session);
  // In real time, so that the times in the log are those that it took.
  let ends = await readEnds(spine, names);
  while (ends.some(({ reply }) => reply === undefined) && spine.cloud.busy() + waiting(spine) > 0) {
    await pause(LOOK_MS);
    ends = await readEnds(spine, names);
  }
  await settle(spine.cloud);
  ends = await readEnds(spine, names);
  return asked.map((one, index) => ({ ...one, ...(ends[index] as SessionEnd) })); // one for each name
}

/** Deadlines ahead. */
const waiting = ({ cloud }: FaultySpine): number =>
  cloud.messages().reduce((sum, { delayed }) => sum + delayed, 0);

function eventOf(index: number, badness: Badness, name: (index: number) => string): ProducerEvent {
  const data: JsonObject = { subject: `matter ${index}`, numbers: [index, index + 1] };
  const id = `asked-${index}`;
  if (index % 2 === 0) return { id, type: CAREFUL_ASKED, data };
  return { id, type: RISKY_ASKED, data: { ...data, badness, others: [name(index - 1), name(index + 1)] } };
}

type Asked = Omit<TrialSession, keyof SessionEnd>;

async function ask(spine: FaultySpine, session: string, event: ProducerEvent, index: number): Promise<Asked> {
  const usesBadAgent = index % 2 === 1;
  const started = performance.now();
  const told = await send(spine, session, event, usesBadAgent ? 0 : WAIT_SECONDS);
  const waitedMs = performance.now() - started;
  return {
    session,
    usesBadAgent,
    index,
    sent: sentInput(session, event, told),
    ...(!usesBadAgent && { waitedMs }),
  };
}
