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

export type Answer =
  | { readonly type: "accepted"; readonly sequence: number; readonly reply?: Reply | undefined }
  | { readonly type: "refused"; readonly code: string };

export interface Reply {
  readonly sequence: number;
  /** Why the run failed, if it did. */
  readonly failure?: string;
}

/** A producer's way to the spine. */
export interface Client {
  readonly source: string;
  /** Sends an event and waits for its reply; what the spine has no time for is sent again. */
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
const MAX_SENDS = 60;

/** A client of the spine's HTTP door. */
export function createHttpClient(url: string, source: string): Client {
  const pathOf = (session: string) => `${url}/sessions/${encodeURIComponent(session)}`;
  return {
    source,
    async send(session, event) {
      const body = JSON.stringify(event);
      const headers = {
        "content-type": "application/json",
        "x-producer": source,
        prefer: `wait=${WAIT_SECONDS}`,
      };
      for (let sends = 1; ; sends += 1) {
        const response = await fetch(`${pathOf(session)}/events`, { method: "POST", headers, body });
        const answer: unknown = await response.json();
        if (response.ok) return told(accepted.parse(answer));
        const seconds = response.headers.get("retry-after");
        if (seconds === null || sends === MAX_SENDS)
          return { type: "refused", code: problem.parse(answer).type };
        await pause(Number(seconds) * 1_000);
      }
    },
    async contextAt(session, sequence) {
      const response = await fetch(`${pathOf(session)}/state?at=${sequence}`);
      return state.parse(await response.json()).context;
    },
  };
}

function told({ sequence, reply }: z.infer<typeof accepted>): Answer {
  if (reply === undefined) return { type: "accepted", sequence };
  const failure = reply.failed ? { failure: JSON.stringify(reply.body) } : {};
  return { type: "accepted", sequence, reply: { sequence: reply.sequence, ...failure } };
}
