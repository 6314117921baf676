import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { linkTo, noticeText, questionsAsked } from "#core/session/question-notice.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Notify, PeopleNotice } from "#ports/notify.ts";
import { createQuestionNotices } from "#runtime/notices/create-question-notices.ts";

const DUE = Date.UTC(2026, 10, 30, 9);
const asked = (sequence: number, data: object) => ({
  type: "HumanAsked",
  sequence: String(sequence),
  data: { run: "r1", step: "approve", ask: `a${sequence}`, question: "May we?", dueAt: DUE, ...data },
});
const advance = (change: Partial<SessionAdvanced> = {}): SessionAdvanced => ({
  tenant: "shop",
  session: "visit-17",
  first: 4,
  last: 6,
  types: ["StepStarted", "HumanAsked"],
  hash: "h",
  time: 1,
  correlation: [],
  events: [{ type: "StepStarted", sequence: "4", data: {} }, asked(5, {})],
  ...change,
});
const bodyOf = (detail: object) => JSON.stringify({ "detail-type": "SessionAdvanced", detail });

describe("the questions of a published commit", () => {
  it("are each of its questions, by the event that asks it", () => {
    const twice = advance({ events: [asked(5, {}), asked(6, { step: "price" })] });
    expect(questionsAsked(twice)).toEqual([
      {
        event: "shop/visit-17/5",
        tenant: "shop",
        session: "visit-17",
        ask: "a5",
        step: "approve",
        dueAt: DUE,
        question: "May we?",
      },
      expect.objectContaining({ event: "shop/visit-17/6", ask: "a6", step: "price" }),
    ]);
  });

  it("are none where nothing is asked", () => {
    expect(questionsAsked(advance({ types: ["StepStarted"] }))).toEqual([]);
  });

  it("are one without details where the events did not fit", () => {
    expect(questionsAsked(advance({ events: [] }))).toEqual([
      { event: "shop/visit-17/4", tenant: "shop", session: "visit-17" },
    ]);
  });
});

describe("the text of a notice", () => {
  const [notice = { event: "", tenant: "", session: "" }] = questionsAsked(advance());

  it("names session, step, time, command and event, and not the question", () => {
    expect(noticeText(notice, {})).toBe(
      "A question is open until 2026-11-30T09:00:00.000Z: session visit-17 of shop, step approve. " +
        "Answer with npx event-spine answer visit-17 a5 VALUE (shop/visit-17/5)",
    );
  });

  it("has the question and a link where they are wanted", () => {
    const text = noticeText(notice, { withQuestion: true, link: "https://care.example.com/{session}/{ask}" });
    expect(text).toContain('step approve. "May we?" Answer');
    expect(text).toContain("VALUE or at https://care.example.com/visit-17/a5 (");
  });

  it("does without what it does not know", () => {
    const [bare = notice] = questionsAsked(advance({ events: [] }));
    expect(noticeText(bare, { withQuestion: true })).toBe(
      "A question is open: session visit-17 of shop. " +
        "Answer with npx event-spine answer visit-17 (shop/visit-17/4)",
    );
  });

  it("writes names into its link so that they stay one part of a path", () => {
    expect(linkTo({ ...notice, session: "a:b@c" }, "https://x/{tenant}/{session}?ask={ask}&{other}")).toBe(
      "https://x/shop/a%3Ab%40c?ask=a5&{other}",
    );
  });
});

describe("notices of questions", () => {
  const way = (name: string, fails: (event: string) => boolean = () => false) => {
    const told: PeopleNotice[] = [];
    const notify: Notify = {
      name,
      notify(notice) {
        if (fails(notice.event)) return Promise.reject(new SpineError("notice.rejected", "No."));
        told.push(notice);
        return Promise.resolve();
      },
    };
    return { told, notify };
  };
  const tell = (
    ways: readonly ReturnType<typeof way>[],
    bodies: readonly string[],
    now = DUE - 1,
  ): Promise<{ readonly failed: readonly string[]; readonly troubles: readonly string[] }> => {
    const troubles: string[] = [];
    return createQuestionNotices({
      ways: ways.map(({ notify }) => notify),
      wording: {},
      clock: { now: () => now },
      onTrouble: (error, what) => void troubles.push(`${what}: ${String(error)}`),
    })(bodies.map((body, at) => ({ id: `m${at}`, body }))).then((failed) => ({ failed, troubles }));
  };

  it("are told by each way, with the event's name", async () => {
    const [topic, webhook] = [way("sns"), way("webhook")];
    expect((await tell([topic, webhook], [bodyOf(advance())])).failed).toEqual([]);
    expect(webhook.told).toEqual(topic.told);
    expect(topic.told).toMatchObject([{ event: "shop/visit-17/5", tenant: "shop", session: "visit-17" }]);
  });

  it("come again, alone, where one way failed", async () => {
    const topic = way("sns");
    const webhook = way("webhook", (event) => event.endsWith("/5"));
    const other = advance({ events: [asked(8, {})] });
    const { failed, troubles } = await tell([topic, webhook], [bodyOf(advance()), bodyOf(other)]);
    expect(failed).toEqual(["m0"]);
    expect(troubles).toEqual([expect.stringContaining("a notice by webhook")]);
    expect(topic.told.map(({ event }) => event)).toEqual(["shop/visit-17/5", "shop/visit-17/8"]);
  });

  it("are not told when the question's time has passed", async () => {
    const topic = way("sns");
    expect((await tell([topic], [bodyOf(advance())], DUE)).failed).toEqual([]);
    expect(topic.told).toEqual([]);
  });

  it.each([
    ["no JSON", "secret{", "body is not JSON"],
    ["no detail", "{}", "detail is not an object"],
    ["no sequence", bodyOf({ ...advance(), first: "4" }), "detail.first is not a number"],
    ["no types", bodyOf({ ...advance(), types: null }), "detail.types is not a list"],
    ["no events", bodyOf({ ...advance(), events: ["secret"] }), "detail.events is not a list of events"],
    ["no session", bodyOf({ ...advance(), session: "a b" }), "does not match"],
  ])("give back a message with %s", async (_what, body, problem) => {
    const topic = way("sns");
    const { failed, troubles } = await tell([topic], [body]);
    expect(failed).toEqual(["m0"]);
    expect(troubles.join()).toContain(problem);
    expect(troubles.join()).not.toContain("secret");
    expect(topic.told).toEqual([]);
  });
});
