import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { deferred, type Deferred } from "#local/deferred.ts";
import { createTurns, type Turns } from "#local/turns.ts";
import type { Send } from "#client/signing/signed-fetch.ts";
import { askPatiently } from "../ask.ts";
import { getContext, pathOf, postEvent, replyOf, type Client, type Reply } from "../client.ts";

export interface ReadingClientOptions {
  readonly url: string;
  readonly source: string;
  /** Sends each request with what says who calls. */
  readonly send: Send;
}

/**
 * Turns of a session that are sent at once reach the ingress close to each other, before those of the next session: a
 * numbered one is held for its predecessors for 30 s only.
 */
const SENDINGS_AT_ONCE = 3;
const LOOKS_AT_ONCE = 2;
const FIRST_PAUSE_MS = 50;
const GROWTH = 1.5;
const LONGEST_PAUSE_MS = 1_000;
/** A session in which nothing has moved for so long will not reply. */
const PATIENCE_MS = 600_000;

const events = z.array(z.object({ sequence: z.string(), type: z.string(), data: z.unknown() }));
const replySent = z.object({ to: z.number(), body: z.json(), failed: z.boolean().optional() });

/**
 * A client that takes its replies from the session's log: however many turns are under way, one request after another
 * reads on where the last one ended. A request that waits for its reply would hold a process of the ingress meanwhile.
 */
export function createReadingClient({ url, source, send }: ReadingClientOptions): Client {
  const sendings = createTurns(SENDINGS_AT_ONCE);
  const looks = createTurns(LOOKS_AT_ONCE);
  const readers = new Map<string, ReplyReader>();
  const readerOf = (session: string): ReplyReader => {
    const log = `${pathOf(url, session)}/events`;
    const look = (after: number) => inTurn(looks, () => askPatiently(send, `${log}?after=${after}`));
    const reader = readers.get(session) ?? createReplyReader(look);
    readers.set(session, reader);
    return reader;
  };
  return {
    source,
    async send(session, event) {
      const sending = () => postEvent(send, `${pathOf(url, session)}/events`, event);
      const answer = await inTurn(sendings, sending);
      if (answer.type === "refused") return answer;
      const reply = await readerOf(session).replyTo(answer.sequence);
      return reply === undefined ? answer : { ...answer, reply };
    },
    contextAt: (session, sequence) => inTurn(looks, () => getContext(send, pathOf(url, session), sequence)),
  };
}

async function inTurn<T>(turns: Turns, work: () => Promise<T>): Promise<T> {
  const leave = await turns.enter();
  try {
    return await work();
  } finally {
    leave();
  }
}

interface ReplyReader {
  /** The reply to the input at `sequence`; undefined when the session stands still. */
  replyTo(sequence: number): Promise<Reply | undefined>;
}

function createReplyReader(look: (after: number) => Promise<Response>): ReplyReader {
  const replies = new Map<number, Reply>();
  const waiting = new Map<number, Deferred<Reply | undefined>>();
  let after = 0;
  let reading = false;

  /** Takes in what follows; false if there was nothing new. */
  const readOn = async (): Promise<boolean> => {
    const response = await look(after);
    const page = events.parse(await response.json());
    for (const { sequence, type, data } of page) {
      after = Number(sequence);
      if (type !== "ReplySent") continue;
      const { to, body, failed } = replySent.parse(data);
      finish(to, replyOf(after, body, failed));
    }
    return page.length > 0;
  };
  const finish = (to: number, reply: Reply) => {
    replies.set(to, reply);
    waiting.get(to)?.resolve(reply);
    waiting.delete(to);
  };

  const readAll = async (): Promise<void> => {
    let stillMs = 0;
    for (let wait = FIRST_PAUSE_MS; waiting.size > 0 && stillMs < PATIENCE_MS;) {
      const moved = await readOn();
      if (moved) [wait, stillMs] = [FIRST_PAUSE_MS, 0];
      if (waiting.size === 0) break;
      await pause(wait);
      stillMs += wait;
      wait = Math.min(wait * GROWTH, LONGEST_PAUSE_MS);
    }
  };

  const read = async (): Promise<void> => {
    reading = true;
    const end = await readAll().then(
      () => (one: Deferred<Reply | undefined>) => one.resolve(undefined),
      (error: Error) => (one: Deferred<Reply | undefined>) => one.reject(error),
    );
    reading = false;
    for (const one of waiting.values()) end(one);
    waiting.clear();
  };

  return {
    replyTo(sequence) {
      const known = replies.get(sequence);
      if (known !== undefined) return Promise.resolve(known);
      const one = waiting.get(sequence) ?? deferred<Reply | undefined>();
      waiting.set(sequence, one);
      if (!reading) void read();
      return one.promise;
    },
  };
}
