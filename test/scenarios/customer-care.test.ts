import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainPath } from "#core/session/sheet.ts";
import type { SessionEvents, SessionEventType } from "#core/session/events.ts";
import type { Json } from "#core/json.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { awaitReply } from "#runtime/doors/await-reply.ts";
import { openAsks } from "#runtime/doors/http/open-asks.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { playSample } from "../../scripts/start/play-sample.ts";
import { SAMPLES } from "../../scripts/start/samples.ts";
import { careAgents, type Trouble } from "../support/care-agents.ts";
import { inProcessClient } from "../support/in-process-client.ts";

let spine: InProcessSpine;
const troubles = new Map<string, Trouble>();
/** How many events must be in a session's log before its agents work. */
const most = new Map<string, number>();

beforeEach(() => {
  const agents = careAgents(
    createMemoryCalendar(),
    (session) => troubles.get(session),
    (session) => accepted(session, most.get(session) ?? 0),
  );
  spine = inProcessSpine({ ...customerCareApplication, agents });
});
afterEach(() => spine.close());

async function accepted(session: string, count: number): Promise<void> {
  const isThere = async () => {
    const events = await spine.reader.events(spine.key(session));
    return events.filter(({ type }) => type === "InputAccepted").length >= count;
  };
  while (!(await isThere())) await new Promise(setImmediate);
}

/** Plays a sample and gives its replies and the data of its events by type. */
async function played(name: string, trouble?: Trouble) {
  const sample = SAMPLES.find((one) => one.name === name);
  if (sample === undefined) throw new Error(`There is no sample "${name}".`);
  if (trouble !== undefined) troubles.set(name, trouble);
  const { tenant } = spine.key(name);
  await playSample(inProcessClient(spine, "samples"), sample, name, {
    caller: { tenant, source: "samples" },
  });
  const events = await spine.reader.events(spine.key(name));
  const of = <Type extends SessionEventType>(type: Type): readonly SessionEvents[Type][] =>
    // An event's data is what its type says.
    events.flatMap((event) => (event.type === type ? [event.data as SessionEvents[Type]] : []));
  const replies = of("ReplySent").map(
    ({ body }) => body as { readonly text: string; readonly status: string },
  );
  const decisions = of("ContextTransformed").flatMap(({ set }) =>
    Object.entries(set).flatMap(([path, value]) => (plainPath(path) === "decision.intent" ? [value] : [])),
  );
  const worked = of("AttemptDispatched").map(({ agent }) => String(agent));
  return { events, of, replies, decisions, worked };
}

describe("customer care", () => {
  it("books a visit and looks for a plan in parallel, then confirms in writing", async () => {
    const { events, replies, decisions, of } = await played("booking");
    expect(decisions).toEqual(["book"]);
    expect(of("JoinDecided").map(({ winners }) => winners)).toEqual([["visit", "advice"]]);
    const starts = events.filter(
      ({ type, data }) =>
        type === "AttemptDispatched" &&
        "agent" in data &&
        /scheduling|recommendation/.test(String(data.agent)),
    );
    const answer = events.findIndex(
      ({ sequence, type }) => type === "AnswerApplied" && sequence > (starts[0]?.sequence ?? 0),
    );
    expect(starts).toHaveLength(2);
    expect(events.indexOf(starts[1] ?? events[0]!)).toBeLessThan(answer);
    expect(replies).toMatchObject([{ status: "settled" }]);
    expect(replies[0]?.text).toMatch(
      /booked for Tuesday 10 March 2026 at 08:00.*Confirmation HS-2001.*You may also like/s,
    );
  });

  it("moves the visit of the first message with a second one, and repeats nothing", async () => {
    const { replies, decisions, worked } = await played("moved");
    expect(decisions).toEqual(["book", "reschedule"]);
    expect(replies.map(({ status }) => status)).toEqual(["settled", "settled"]);
    expect(replies[1]?.text).toMatch(/moved from Thursday 12 March 2026 .* to Friday 13 March 2026/);
    expect(replies[1]?.text).not.toMatch(/You may also like/);
    expect(worked.filter((agent) => agent === "recommendation")).toHaveLength(1);
  });

  it("asks a person when the message is ambiguous, and follows the decision", async () => {
    const { replies, decisions, of } = await played("unsure");
    expect(of("HumanAsked")).toHaveLength(1);
    expect(decisions).toEqual(["book"]);
    expect(replies[0]?.text).toMatch(/send another crew.*gardening visit is booked for Thursday 19 March/s);
  });

  it("chooses a plan before it writes the agreement about it", async () => {
    const { replies, worked } = await played("document");
    expect(worked).not.toContain("scheduling");
    expect(worked).toContain("recommendation");
    expect(worked.indexOf("recommendation")).toBeLessThan(worked.indexOf("documents"));
    expect(replies[0]?.text).toMatch(/Agreement: Boiler Care/);
  });

  it("acknowledges a complaint in writing and raises it", async () => {
    const { replies, of } = await played("complaint");
    expect(of("EventEmitted")).toMatchObject([{ type: "ComplaintRaised", data: { who: "Edward Lear" } }]);
    expect(replies).toMatchObject([{ status: "handed-over" }]);
    expect(replies[0]?.text).toMatch(/acknowledgement\/edward-lear/);
  });

  it("lets a person decline an unrelated request", async () => {
    const { replies, decisions, worked } = await played("foreign");
    expect(decisions).toEqual(["decline"]);
    for (const agent of ["scheduling", "recommendation", "documents"]) expect(worked).not.toContain(agent);
    expect(replies).toMatchObject([{ status: "declined" }]);
  });

  it("queues a message during another one, and answers both in order", async () => {
    most.set("hurried", 2);
    const { events, replies } = await played("hurried");
    const second = events.filter(({ type }) => type === "InputAccepted")[1]?.sequence ?? 0;
    const firstEnd = events.find(({ type }) => type === "RunCompleted")?.sequence ?? 0;
    const starts = events.filter(({ type }) => type === "RunStarted").map(({ sequence }) => sequence);
    expect(second).toBeLessThan(firstEnd);
    expect(starts[1]).toBeGreaterThan(firstEnd);
    expect(replies.map(({ text }) => /gardening visit is booked/.test(text))).toEqual([true, false]);
    expect(replies[1]?.text).toMatch(/We would suggest/);
  });

  it("retries an agent that failed", async () => {
    const { replies, of, worked } = await played("retried", { agent: "documents", attempts: 1 });
    expect(of("RetryScheduled")).toHaveLength(1);
    expect(worked.filter((agent) => agent === "documents")).toHaveLength(2);
    expect(replies[0]?.text).toMatch(/Quote: Painting/);
  });

  it("books without advice when the catalogue stays down", async () => {
    const { replies, of } = await played("booking", { agent: "recommendation", attempts: 3 });
    expect(of("FallbackTaken").map(({ type }) => type)).toEqual(["value"]);
    expect(replies).toMatchObject([{ status: "settled" }]);
    expect(replies[0]?.text).toMatch(/boiler service is booked/);
    expect(replies[0]?.text).not.toMatch(/You may also like/);
  });

  it("asks a person when the agent that reads messages is down", async () => {
    const { decisions, of } = await played("unsure", { agent: "inquiry", attempts: 3 });
    expect(of("FallbackTaken").map(({ type }) => type)).toEqual(["value"]);
    expect(of("HumanAsked")).toHaveLength(1);
    expect(decisions).toEqual(["book"]);
  });

  it("hands over to the office when no agent can read the limits it gets", async () => {
    const { replies, of } = await played("fallback");
    expect(of("AttemptFailed").map(({ error }) => error.code)).toEqual([
      "task.view",
      "task.view",
      "task.view",
    ]);
    expect(replies).toMatchObject([{ status: "handed-over" }]);
  });
});

describe("a second message of a session", () => {
  const facts = { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" } as const;
  const constraints = {
    openFrom: "08:00",
    openUntil: "18:00",
    closedOn: [0],
    noticeHours: 4,
    horizonDays: 30,
  };
  const say = (text: string): Promise<Json> =>
    spine.ask("MessageReceived", { text }, { session: "twice", facts, constraints });

  it("is not answered with results for the first one", async () => {
    await say("I'd like to book a boiler service for next Tuesday morning, please.");
    const answer = (await say("What are your opening hours at the weekend?")) as { readonly text: string };
    expect(answer.text).toMatch(/open from 08:00 to 18:00/);
    expect(answer.text).not.toMatch(/HS-2001|confirmation|You may also like/);
  });

  it("can have a document about the visit that the first one booked", async () => {
    await say("I'd like to book a boiler service for next Tuesday morning, please.");
    const answer = (await say("My landlord wants to see written confirmation of the visit.")) as {
      readonly text: string;
    };
    expect(answer.text).toMatch(/Confirmation HS-2001/);
  });

  it("is not decided by the person who decided about the first one", async () => {
    const key = spine.key("twice");
    const { sequence } = await spine.send(
      "MessageReceived",
      { text: "Hello there" },
      { session: "twice", facts, constraints },
    );
    await spine.idle();
    const [open] = await openAsks(spine.reader, key, await spine.reader.current(key));
    const answer = { value: { decision: "decline" } };
    await spine.ingress.answerHuman({ tenant: key.tenant, source: "desk" }, "twice", open?.ask ?? "", answer);
    const { reply: first } = await awaitReply(spine.engine, key, sequence, 5_000);
    expect(first?.body).toMatchObject({ status: "declined" });
    expect(await say("What are your opening hours at the weekend?")).toMatchObject({ status: "settled" });
  });
});

describe("a person's answer", () => {
  it.each([["perhaps"], [{ decision: "perhaps" }], [{ decision: "book", note: 5 }], [null]])(
    "that is not a decision, %j, is rejected at once, and the question stays open",
    async (value) => {
      const key = spine.key("odd");
      const options = {
        session: "odd",
        facts: { who: "Ada", channel: "web", locale: "en-GB", today: "2026-03-02" },
        constraints: {
          openFrom: "08:00",
          openUntil: "18:00",
          closedOn: [0],
          noticeHours: 4,
          horizonDays: 30,
        },
      };
      const { sequence } = await spine.send("MessageReceived", { text: "Hello there" }, options);
      await spine.idle();
      const [open] = await openAsks(spine.reader, key, await spine.reader.current(key));
      const answer = (given: unknown) =>
        spine.ingress.answerHuman({ tenant: key.tenant, source: "desk" }, "odd", open?.ask ?? "", {
          value: given,
        });
      await expect(answer(value)).rejects.toMatchObject({ code: "input.schema" });
      await answer({ decision: "decline" });
      const { reply } = await awaitReply(spine.engine, key, sequence, 5_000);
      expect(reply?.body).toMatchObject({ status: "declined" });
    },
  );
});
