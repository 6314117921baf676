import { setTimeout as pause } from "node:timers/promises";
import type { Json, JsonObject } from "#core/json.ts";
import type { SentInput } from "#local/check-log/dump.ts";
import type { Send } from "#client/signing/signed-fetch.ts";
import { SOURCE, TENANT, type FaultySpine } from "./faulty-spine.ts";

export interface ProducerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly session?: JsonObject;
  readonly constraints?: JsonObject;
  readonly lane?: "express";
}

export interface Reply {
  readonly body: Json;
  readonly failed?: boolean;
}

/** What a producer was told in the end. */
export interface Told {
  readonly sequence: number;
  /** Missing when it did not come while the producer waited. */
  readonly reply: Reply | undefined;
}

const MOST_REQUESTS = 10;
const RETRY_MS = 50;

/** Sends an event as producers should: the same id again, as long as the answer is no answer. */
export async function send(
  { cloud, ingressUrl }: Pick<FaultySpine, "ingressUrl" | "cloud">,
  session: string,
  event: ProducerEvent,
  waitSeconds = 0,
): Promise<Told> {
  let refusal = "";
  for (let requests = 1; requests <= MOST_REQUESTS; requests += 1) {
    const response = await post(cloud.fetch, `${ingressUrl}/sessions/${session}/events`, event, waitSeconds);
    if (response?.status === 200 || response?.status === 202) {
      const { sequence, reply } = (await response.json()) as {
        readonly sequence: number;
        readonly reply?: Reply;
      };
      return { sequence, reply };
    }
    refusal = response === undefined ? "no answer" : `${response.status} ${await response.text()}`;
    await pause(RETRY_MS);
  }
  throw new Error(`${session}: the event ${event.id} was not taken: ${refusal}.`);
}

/** Undefined where the connection breaks. */
async function post(
  send: Send,
  url: string,
  event: ProducerEvent,
  waitSeconds: number,
): Promise<Response | undefined> {
  try {
    return await send(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(waitSeconds > 0 && { prefer: `wait=${waitSeconds}` }),
      },
      body: JSON.stringify(event),
    });
  } catch {
    return undefined;
  }
}

/** What was sent, as a check of the log wants to know it. */
export const sentInput = (
  session: string,
  { id, type, data }: ProducerEvent,
  { sequence }: Told,
): SentInput => ({ tenant: TENANT, session, source: SOURCE, id, type, data, answer: { sequence } });
