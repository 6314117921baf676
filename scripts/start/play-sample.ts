import type { TenantId } from "#core/ids.ts";
import { SpineError } from "#core/errors.ts";
import { isIdle } from "#core/session/state.ts";
import type { InProcessSpine } from "#testing/index.ts";
import type { Accepted, Caller } from "#runtime/create-ingress.ts";
import { awaitReply, type Reply } from "#runtime/await-reply.ts";
import { openAsks } from "#runtime/http/open-asks.ts";
import { MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import type { SentInput } from "../check-log/dump.ts";
import { BUSINESS_RULES } from "./facts.ts";
import { SAMPLE_DAY, type Sample, type Turn } from "./samples.ts";

const REPLY_MS = 30_000;
const PAUSE_MS = 5;
const SOURCE = "samples";

type Play = Pick<InProcessSpine, "engine" | "ingress" | "reader" | "key">;

/**
 * Plays a conversation through the ingress, the person's part as well, and gives the list of what was sent. Throws when a
 * reply does not come.
 */
export async function playSample(
  spine: Play,
  sample: Sample,
  session: string,
  onReply: (reply: Reply) => void = () => undefined,
): Promise<readonly SentInput[]> {
  const key = spine.key(session);
  const caller: Caller = { tenant: key.tenant, source: SOURCE };
  const sent: SentInput[] = [];
  const unanswered: number[] = [];

  for (const [index, turn] of sample.turns.entries()) {
    if ("person" in turn) {
      await answerQuestion(spine, caller, session, turn);
    } else {
      const body = messageOf(sample, turn, index);
      const { sequence, id } = await spine.ingress.send(caller, session, body);
      sent.push(sendingOf(caller.tenant, session, body, { sequence, id }));
      unanswered.push(sequence);
    }
    if (!isWaitedFor(turn, sample.turns[index + 1])) continue;
    for (const trigger of unanswered.splice(0)) {
      const reply = await awaitReply(spine.engine, key, trigger, REPLY_MS);
      if (reply === undefined)
        throw new SpineError("step.timeout", `Session ${session} gave no reply to the event at ${trigger}.`);
      onReply(reply);
    }
  }
  await hasEnded(spine, session);
  return sent;
}

/** Before a person's turn there is a question and no reply yet. */
function isWaitedFor(turn: Turn, next: Turn | undefined): boolean {
  if (next !== undefined && "person" in next) return false;
  return "person" in turn || turn.waits !== false;
}

function messageOf({ who, channel }: Sample, turn: Extract<Turn, { says: string }>, index: number) {
  return {
    id: `message-${index + 1}`,
    type: MESSAGE_RECEIVED,
    data: { text: turn.says },
    ...(index === 0 && {
      session: { who, channel, locale: "en-GB", today: SAMPLE_DAY },
      constraints: BUSINESS_RULES,
    }),
  };
}

function sendingOf(
  tenant: TenantId,
  session: string,
  { type, data }: ReturnType<typeof messageOf>,
  { sequence, id }: Pick<Accepted, "sequence" | "id">,
): SentInput {
  return { tenant, session, source: SOURCE, id, type, data, answer: { sequence } };
}

async function answerQuestion(
  { engine, ingress, reader, key }: Play,
  caller: Caller,
  session: string,
  { person }: Extract<Turn, { person: unknown }>,
): Promise<void> {
  const giveUpAt = engine.clock.now() + REPLY_MS;
  while (engine.clock.now() < giveUpAt) {
    const [question] = await openAsks(reader, key(session), await reader.current(key(session)));
    if (question !== undefined) {
      await ingress.answerHuman(caller, session, question.ask, {
        id: `answer-${question.ask}`,
        value: person,
      });
      return;
    }
    await engine.clock.sleep(PAUSE_MS);
  }
  throw new SpineError("step.timeout", `Session ${session} asked nobody.`);
}

/** The reply goes out a moment before its run has ended. */
async function hasEnded({ engine, reader, key }: Play, session: string): Promise<void> {
  const giveUpAt = engine.clock.now() + REPLY_MS;
  while (!isIdle(await reader.current(key(session)))) {
    if (engine.clock.now() >= giveUpAt)
      throw new SpineError("step.timeout", `Session ${session} did not end.`);
    await engine.clock.sleep(PAUSE_MS);
  }
}
