import * as z from "zod";
import type { Send } from "#client/signing/signed-fetch.ts";
import { askPatiently } from "./ask.ts";
import type { TurnInput } from "./service-agent.ts";

/** What a producer sends for a USER turn. */
export interface TurnEvent {
  readonly id: string;
  readonly type: string;
  readonly data: TurnInput;
  /** The producer's own number in the session, from 1. */
  readonly ordinal?: number;
}

export type Answer = Accepted | Refused;

export interface Refused {
  readonly type: "refused";
  readonly code: string;
}

export interface Accepted {
  readonly type: "accepted";
  readonly sequence: number;
  /** Missing when none came in time. */
  readonly reply?: Reply;
}

export interface Reply {
  readonly sequence: number;
  /** Why the run failed, if it did. */
  readonly failure?: string;
}

/** A producer's way to the spine. */
export interface Client {
  readonly source: string;
  /** Sends an event and waits for its reply; what the spine has no time for is sent again under its id. */
  send(session: string, event: TurnEvent): Promise<Answer>;
  /** The session's context right after event `sequence`, with what runs under way have written. */
  contextAt(session: string, sequence: number): Promise<Readonly<Record<string, unknown>>>;
}

const accepted = z.object({
  sequence: z.number(),
  reply: z.object({ sequence: z.number(), failed: z.boolean().optional(), body: z.json() }).optional(),
});
const problem = z.object({ type: z.string() });
const context = z.record(z.string(), z.unknown());
const state = z.object({ context, sheets: z.record(z.string(), z.object({ context })) });

const WAIT_SECONDS = 60;
/** How often a reply is waited for that long: a machine may be busy with other things. */
const MAX_WAITS = 5;

/** A client that has each request wait for its reply. */
export function createHttpClient(url: string, source: string): Client {
  return {
    source,
    async send(session, event) {
      const headers = { "x-producer": source, prefer: `wait=${WAIT_SECONDS}` };
      for (let waits = 1; ; waits += 1) {
        const answer = await postEvent(fetch, `${pathOf(url, session)}/events`, event, headers);
        if (answer.type === "refused" || answer.reply !== undefined || waits === MAX_WAITS) return answer;
      }
    },
    contextAt: (session, sequence) => getContext(fetch, pathOf(url, session), sequence),
  };
}

export const pathOf = (url: string, session: string): string =>
  `${url}/sessions/${encodeURIComponent(session)}`;

export async function postEvent(
  send: Send,
  url: string,
  event: TurnEvent,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await askPatiently(send, url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(event),
  });
  const answer: unknown = await response.json();
  return response.ok ? told(accepted.parse(answer)) : { type: "refused", code: problem.parse(answer).type };
}

export async function getContext(
  send: Send,
  url: string,
  sequence: number,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await askPatiently(send, `${url}/state?at=${sequence}`);
  const { context, sheets } = state.parse(await response.json());
  return Object.assign(context, ...Object.values(sheets).map((sheet) => sheet.context));
}

function told({ sequence, reply }: z.infer<typeof accepted>): Accepted {
  return reply === undefined
    ? { type: "accepted", sequence }
    : { type: "accepted", sequence, reply: replyOf(reply.sequence, reply.body, reply.failed) };
}

export function replyOf(sequence: number, body: unknown, failed = false): Reply {
  return failed ? { sequence, failure: JSON.stringify(body) } : { sequence };
}
