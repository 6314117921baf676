import { setTimeout as pause } from "node:timers/promises";
import { SpineError } from "#core/errors.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { isIdle } from "#core/session/state.ts";
import { MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import type { SentInput } from "#local/check-log/dump.ts";
import type { Accepted, OutgoingEvent, SpineClient } from "#client/client.ts";
import { BUSINESS_RULES } from "./facts.ts";
import { SAMPLE_DAY, type Sample, type Turn } from "./samples.ts";

const REPLY_MS = 60_000;
const PAUSE_MS = 50;

export interface PlayOptions {
  /** Who the log says has sent it. */
  readonly caller: Pick<SentInput, "tenant" | "source">;
  readonly onReply?: (body: Json) => void;
}

/**
 * Plays a conversation through the API, the person's part as well, and gives the list of what was sent. Throws when a reply
 * does not come.
 */
export async function playSample(
  client: SpineClient,
  sample: Sample,
  session: string,
  { caller, onReply = () => undefined }: PlayOptions,
): Promise<readonly SentInput[]> {
  const sent: SentInput[] = [];
  const unanswered: OutgoingEvent[] = [];
  const replied = ({ reply, sequence }: Accepted): void => {
    if (reply === undefined)
      throw new SpineError("step.timeout", `Session ${session} did not reply to the event at ${sequence}.`);
    onReply(reply.body);
  };
  for (const [index, turn] of sample.turns.entries()) {
    if ("person" in turn) {
      replied(await answerQuestion(client, session, turn));
      continue;
    }
    const isWaitedFor = waits(turn, sample.turns[index + 1]);
    const event = eventOf(sample, turn, index);
    const accepted = await client.send(session, event, isWaitedFor ? REPLY_MS : 0);
    const { id, sequence } = accepted;
    sent.push({ ...caller, session, id, type: event.type, data: event.data, answer: { sequence } });
    if (isWaitedFor) replied(accepted);
    else if (turn.waits === false) unanswered.push(event);
  }
  // The same event again is taken no second time, and gets the reply that the first one got.
  for (const event of unanswered) replied(await client.send(session, event, REPLY_MS));
  await hasEnded(client, session);
  return sent;
}

/** Before a person's turn there is a question and no reply yet. */
const waits = (turn: Extract<Turn, { says: string }>, next: Turn | undefined): boolean =>
  turn.waits !== false && !(next !== undefined && "person" in next);

function eventOf(
  { who, channel, constraints }: Sample,
  turn: Extract<Turn, { says: string }>,
  index: number,
): OutgoingEvent {
  return {
    id: `message-${index + 1}`,
    type: MESSAGE_RECEIVED,
    data: { text: turn.says },
    ...(index === 0 && {
      session: { who, channel, locale: "en-GB", today: SAMPLE_DAY },
      // Plain JSON: its optional fields only read as if they might be undefined.
      constraints: { ...BUSINESS_RULES, ...constraints } as JsonObject,
    }),
  };
}

async function answerQuestion(
  client: SpineClient,
  session: string,
  { person }: Extract<Turn, { person: unknown }>,
): Promise<Accepted> {
  const { ask } = await found(`Session ${session} asked no person.`, async () => {
    const [question] = (await client.explanation(session)).asks;
    return question;
  });
  // Plain JSON, as the constraints are.
  return client.answer(session, ask, { id: `answer-${ask}`, value: person as JsonObject }, REPLY_MS);
}

/** The reply goes out a moment before its run has ended. */
const hasEnded = (client: SpineClient, session: string): Promise<true> =>
  found(`Session ${session} did not end.`, async () => isIdle(await client.state(session)) || undefined);

async function found<T>(otherwise: string, look: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = performance.now() + REPLY_MS;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() >= giveUpAt) throw new SpineError("step.timeout", otherwise);
    await pause(PAUSE_MS);
  }
}
