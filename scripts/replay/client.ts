import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import type { TurnInput } from "./service-agent.ts";

/** What a producer sends for a USER turn. */
export interface TurnEvent {
  readonly id: string;
  readonly type: string;
  readonly data: TurnInput;
  /** The producer's own number in the session, from 1. */
  readonly ordinal?: number;
}

export type Answer = Accepted | { readonly type: "refused"; readonly code: string };

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
  /** The session's context right after event `sequence`. */
  contextAt(session: string, sequence: number): Promise<Readonly<Record<string, unknown>>>;
}

const accepted = z.object({
  sequence: z.number(),
  reply: z.object({ sequence: z.number(), failed: z.boolean().optional(), body: z.json() }).optional(),
});
const problem = z.object({ type: z.string() });
const state = z.object({ context: z.record(z.string(), z.unknown()) });

const WAIT_SECONDS = 60;
/** How often a reply is waited for that long: a machine may be busy with other things. */
const MAX_WAITS = 5;
const MAX_REPEATS = 60;
/** After a lost connection; a busy session says itself how long. */
const PAUSE_SECONDS = 1;

/** A client of the spine's HTTP door. */
export function createHttpClient(url: string, source: string): Client {
  const pathOf = (session: string) => `${url}/sessions/${encodeURIComponent(session)}`;
  return {
    source,
    async send(session, event) {
      const headers = {
        "content-type": "application/json",
        "x-producer": source,
        prefer: `wait=${WAIT_SECONDS}`,
      };
      const request = { method: "POST", headers, body: JSON.stringify(event) };
      for (let waits = 1; ; waits += 1) {
        const response = await fetchPatiently(`${pathOf(session)}/events`, request);
        const answer: unknown = await response.json();
        if (!response.ok) return { type: "refused", code: problem.parse(answer).type };
        const taken = told(accepted.parse(answer));
        if (taken.reply !== undefined || waits === MAX_WAITS) return taken;
      }
    },
    async contextAt(session, sequence) {
      const response = await fetchPatiently(`${pathOf(session)}/state?at=${sequence}`, {});
      return state.parse(await response.json()).context;
    },
  };
}

/** Repeats a request for which the spine had no time, or whose connection was lost: the event's id makes it harmless. */
async function fetchPatiently(url: string, request: RequestInit): Promise<Response> {
  for (let repeats = 0; ; repeats += 1) {
    const response = await fetch(url, request).catch((error: unknown) => {
      if (repeats === MAX_REPEATS) throw error;
      return undefined;
    });
    const seconds = response?.headers.get("retry-after");
    if (response !== undefined && (typeof seconds !== "string" || repeats === MAX_REPEATS)) return response;
    await response?.body?.cancel();
    await pause(Number(seconds ?? PAUSE_SECONDS) * 1_000);
  }
}

function told({ sequence, reply }: z.infer<typeof accepted>): Accepted {
  if (reply === undefined) return { type: "accepted", sequence };
  const failure = reply.failed ? { failure: JSON.stringify(reply.body) } : {};
  return { type: "accepted", sequence, reply: { sequence: reply.sequence, ...failure } };
}
