import { setTimeout as pause } from "node:timers/promises";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import { functionName, DEFAULT_PREFIX, FunctionSuffix, spineInName } from "#aws/names.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { countsSince } from "#local/request-counts.ts";
import { tally, type Tally } from "./kinds.ts";
import { connectionTo } from "#local/connection-to.ts";

/** A message of the sample application, and how many agents work on it. */
export interface Play {
  readonly name: string;
  readonly about: string;
  readonly agents: number;
  readonly text: string;
}

export const SHORT: Play = {
  name: "advice",
  about: "3 agents in sequence",
  agents: 3,
  text: "Which cleaning would be right for a home with a baby and two dogs?",
};
/** `SHORT` with one agent more in the sequence. */
export const LONG: Play = {
  name: "document",
  about: "4 agents in sequence",
  agents: 4,
  text: "Please draw up the care plan agreement for my boiler so that I can sign it",
};
/** Five agents, two of them side by side, one of which claims its effect. */
export const WHOLE: Play = {
  name: "booking",
  about: "5 agents, 2 of them in parallel, 1 claims",
  agents: 5,
  text: "I'd like to book a boiler service for next Tuesday morning, please.",
};

const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};
export const REPLIED = 200;
export const TAKEN = 202;
const WAIT_SECONDS = 25;
const LOOK_MS = 10;

/** Sends a message to a session, as somebody who waits for the reply or does not. Throws for any answer but that. */
export async function send(cloud: LocalCloud, session: string, what: Play, waits: boolean): Promise<void> {
  const response = await post(cloud, session, what, waits);
  const expected = waits ? REPLIED : TAKEN;
  if (response.status !== expected)
    throw new Error(`${session}: ${response.status} instead of ${expected}: ${await response.text()}`);
  await response.arrayBuffer();
}

/** The request itself; with an id of its own it may be sent again. */
export function post(
  cloud: LocalCloud,
  session: string,
  { text }: Pick<Play, "text">,
  waits: boolean,
  id?: string,
): Promise<Response> {
  const url = cloud.functionUrls.get(functionName(DEFAULT_PREFIX, FunctionSuffix.ingress)) ?? "";
  return cloud.fetch(`${url}/sessions/${session}/events`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(waits && { prefer: `wait=${WAIT_SECONDS}` }),
    },
    body: JSON.stringify({
      ...(id !== undefined && { id }),
      type: MESSAGE_RECEIVED,
      data: { text },
      ...FACTS,
    }),
  });
}

/** Puts a message on spine-in. */
export async function putOnBus(
  cloud: LocalCloud,
  session: string,
  { text }: Pick<Play, "text">,
): Promise<void> {
  const client = new EventBridgeClient(connectionTo(cloud.environment, "EVENTBRIDGE"));
  const entry = {
    EventBusName: spineInName(DEFAULT_PREFIX),
    Source: "requests",
    DetailType: MESSAGE_RECEIVED,
    Detail: JSON.stringify({ session, data: { text }, facts: FACTS.session, constraints: FACTS.constraints }),
  };
  const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  client.destroy();
  if (FailedEntryCount !== 0) throw new Error(`${session}: spine-in did not take the event.`);
}

/** How a message comes: with a request, whose caller waits for the reply or does not, or by spine-in. */
export type Way = "request" | "waiting" | "bus";

export const begin = (cloud: LocalCloud, session: string, what: Play, way: Way): Promise<void> =>
  way === "bus" ? putOnBus(cloud, session, what) : send(cloud, session, what, way === "waiting");

/** Plays a message in a new session, until nothing is under way, and counts the requests that it took. */
export async function play(cloud: LocalCloud, session: string, what: Play, way: Way): Promise<Tally> {
  const before = cloud.counts();
  await begin(cloud, session, what, way);
  while (cloud.busy() > 0) await pause(LOOK_MS);
  return tally(countsSince(before, cloud.counts()), way === "waiting");
}
