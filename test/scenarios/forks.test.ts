import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { SpineClient } from "#client/client.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { dataOf } from "#testing/given-when-then.ts";
import { playSample } from "../../scripts/start/play-sample.ts";
import { SAMPLES } from "../../scripts/start/samples.ts";
import { careAgents } from "../support/care-agents.ts";
import { inProcessClient } from "../support/in-process-client.ts";

let spine: InProcessSpine;
let client: SpineClient;
/** Which agents were called in which session, in order. */
let calls: { readonly session: string; readonly agent: string }[];

beforeEach(() => {
  calls = [];
  const agents = careAgents(createMemoryCalendar()).map((agent) => ({
    ...agent,
    run(task: Parameters<typeof agent.run>[0]) {
      calls.push({ session: task.session, agent: agent.contract.spec.name });
      return agent.run(task);
    },
  }));
  spine = inProcessSpine({ ...customerCareApplication, agents });
  client = inProcessClient(spine, "tests");
});
afterEach(() => spine.close());

async function play(name: string): Promise<readonly RecordedEvent[]> {
  const sample = SAMPLES.find((one) => one.name === name);
  if (sample === undefined) throw new Error(`There is no sample "${name}".`);
  await playSample(client, sample, name, { caller: { tenant: spine.key(name).tenant, source: "tests" } });
  await spine.idle();
  return spine.reader.events(spine.key(name));
}

const calledIn = (session: string): readonly string[] =>
  calls.filter((call) => call.session === session).map(({ agent }) => agent);

/** The replies that each run gave, by run. */
function repliesOf(events: readonly RecordedEvent[]): Readonly<Record<string, readonly Json[]>> {
  const replies: Record<string, Json[]> = {};
  for (const { run, body } of dataOf(events, "ReplySent"))
    if (run !== undefined) (replies[run] ??= []).push(body);
  return replies;
}

describe("a fork", () => {
  it.each(["booking", "moved", "unsure", "document", "complaint", "foreign", "fallback"])(
    "of %s at any event calls no agent whose answer the origin has, and replies alike",
    async (name) => {
      const events = await play(name);
      const answered = new Set(dataOf(events, "AnswerApplied").map(({ task }) => task));
      for (const { sequence: at } of events) {
        const session = `${name}-${at}`;
        const { origin } = await client.fork(name, { session, at });
        await spine.idle();
        const own = await spine.reader.events(spine.key(session));
        const later = repliesOf(events.filter(({ sequence }) => sequence > origin.at));
        const carried = dataOf(own, "RunCarried").map(({ run }) => run);
        const replies = repliesOf(own);
        for (const run of carried) expect(replies[run] ?? [], `${session} ${run}`).toEqual(later[run] ?? []);
        const known = new Set(
          dataOf(events, "TaskCreated")
            .filter(({ task }) => answered.has(task))
            .map(({ agent }) => String(agent)),
        );
        expect(
          calledIn(session).filter((agent) => known.has(agent)),
          session,
        ).toEqual([]);
      }
    },
  );
});
