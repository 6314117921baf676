import type { SentInput } from "#local/check-log/dump.ts";
import { USER_SPOKE } from "./application.ts";
import type { Answer, Client, Reply, TurnEvent } from "./client.ts";
import type { Dialogue } from "./dialogue-schema.ts";
import { shuffled } from "#memory/seeded-random.ts";
import type { Random } from "#memory/seeded-random.ts";
import { userTurns } from "./reference.ts";
import type { Resend } from "./resends.ts";

export interface Conversation {
  readonly dialogue: Dialogue;
  readonly tenant: string;
  readonly client: Client;
  /** Sends all turns at once, numbered, in an order that chance gives; otherwise each after the reply to the last. */
  readonly rush: boolean;
  readonly resends: readonly Resend[];
  readonly random: Random;
}

/** What a client remembers of a conversation. */
export interface Transcript {
  readonly sent: readonly SentInput[];
  /** In the order of the dialogue's inputs. */
  readonly replies: readonly (Reply | undefined)[];
}

/** Holds one conversation with the spine: the dialogue is its session, each USER turn an input. */
export async function converse({
  dialogue,
  tenant,
  client,
  rush,
  resends,
  random,
}: Conversation): Promise<Transcript> {
  const session = dialogue.dialogue_id;
  const events = eventsOf(dialogue, rush);
  const sent: SentInput[] = [];
  const send = async (event: TurnEvent): Promise<Reply | undefined> => {
    const answer = await client.send(session, event);
    sent.push({ tenant, session, source: client.source, ...event, answer: toldBy(answer) });
    return answer.type === "accepted" ? answer.reply : undefined;
  };

  const resent = (due: (resend: Resend) => boolean) =>
    resends.filter(due).flatMap(({ input }) => events[input] ?? []);

  const replies: Promise<Reply | undefined>[] = [];
  const again: Promise<unknown>[] = [];
  const order = [...events.entries()];
  for (const [at, event] of rush ? shuffled(order, random) : order) {
    const reply = send(event);
    replies[at] = reply;
    again.push(...resent(({ input, after }) => input === at && after === "at-once").map(send));
    again.push(reply.then(() => Promise.all(resent(({ after }) => after === at).map(send))));
    if (!rush) await reply;
  }
  await Promise.all(again);
  return { sent, replies: await Promise.all(replies) };
}

function eventsOf(dialogue: Dialogue, numbered: boolean): readonly TurnEvent[] {
  return userTurns(dialogue).map((data, at) => ({
    id: `${dialogue.dialogue_id}/${data.turn}`,
    type: USER_SPOKE,
    data,
    ...(numbered && { ordinal: at + 1 }),
  }));
}

const toldBy = (answer: Answer): SentInput["answer"] =>
  answer.type === "accepted" ? { sequence: answer.sequence } : { refused: answer.code };
