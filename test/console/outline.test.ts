import { describe, expect, it } from "vitest";
import { outlineOf } from "#console/model/event-outline.ts";

const envelope = (type: string, data: object) => ({
  ...{ specversion: "1.0", id: "7", type, time: "2026-11-23T09:00:00.000Z", sequence: "7", causationid: "4" },
  data: JSON.parse(JSON.stringify(data)) as Record<string, never>,
});

/** What begins a fork, as far as an outline reads it; texts and values say `said`. */
const fork = (said: string) => ({
  source: "role",
  origin: { session: "a", at: 9, hash: "h" },
  state: {
    context: { input: { said } },
    runs: {
      r: {
        ...{ name: "visit", flow: "v", input: said, correlation: said },
        steps: {
          "plan/0": { status: "done", error: { message: said } },
          "plan/1": { status: "open", kind: "choice", branch: "when/0" },
          "plan/1/when/0": { status: "open", kind: "wait", event: "Paid", dueAt: 5 },
        },
      },
    },
    tasks: { t: { run: "r", step: "plan/2", agent: "writer", slot: said } },
  },
  recorded: [{ result: said }],
});

describe("the outline of an event", () => {
  it("has when, where and what happened", () => {
    const data = {
      task: "t",
      attempt: 2,
      result: { text: "secret" },
      usage: { tokens: 5, money: 0.1 },
      stale: ["a.b"],
    };
    expect(outlineOf(envelope("AnswerApplied", data))).toEqual({
      sequence: 7,
      type: "AnswerApplied",
      at: Date.UTC(2026, 10, 23, 9),
      cause: 4,
      task: "t",
      attempt: 2,
      tokens: 5,
      money: 0.1,
      changed: ["a.b"],
    });
  });

  it("leaves out what was said, whoever said it", () => {
    const said = "call Ada on 0123";
    const texts = [
      [
        "InputAccepted",
        {
          input: { type: "Said", source: "web", data: { said }, session: { who: said } },
          disposition: "triggers",
        },
      ],
      ["CommandGiven", { source: "role", by: said, command: { type: "stop", reason: said } }],
      ["HumanAsked", { run: "r", step: "plan", ask: "a", question: said, dueAt: 1 }],
      [
        "HumanAnswered",
        { run: "r", step: "plan", input: { ask: "a", value: said, by: said, source: "role" } },
      ],
      [
        "AttemptFailed",
        { task: "t", attempt: 1, error: { code: "agent.failed", message: said }, retryable: true },
      ],
      ["AnswerLate", { task: "t", attempt: 1, outcome: { result: said, usage: { tokens: 3 } } }],
      ["ContextTransformed", { run: "r", step: "plan/0", set: { note: said } }],
      ["ReplySent", { to: 1, body: said }],
      ["TaskSkipped", { task: "t", reason: said }],
      [
        "TaskSignalled",
        { tasks: ["t"], input: { source: "shop", by: said, to: "writer", name: "more", data: said } },
      ],
      ["SessionForked", { ...fork(said), changed: ["input.text"] }],
      ["OutcomeReused", { task: "t", from: 9, result: said }],
    ] as const;
    for (const [type, data] of texts)
      expect(JSON.stringify(outlineOf(envelope(type, data)))).not.toContain("Ada");
    expect(outlineOf(envelope("AnswerLate", texts[5][1]))).toMatchObject({ tokens: 3 });
    expect(outlineOf(envelope("HumanAnswered", texts[3][1]))).toMatchObject({ ask: "a", source: "role" });
    expect(outlineOf(envelope("TaskSignalled", texts[9][1]))).toMatchObject({
      subtype: "more",
      source: "shop",
    });
  });

  it("that begins a fork has the runs and tasks that it goes on with, and none where they are erased", () => {
    expect(outlineOf(envelope("SessionForked", fork("x"))).forked).toEqual({
      ...{ origin: "a", at: 9 },
      runs: [
        {
          ...{ run: "r", name: "visit", flow: "v" },
          steps: [
            { step: "plan/0", status: "done" },
            { step: "plan/1", status: "open", branch: "when/0" },
            { step: "plan/1/when/0", status: "open", event: "Paid" },
          ],
        },
      ],
      tasks: [{ task: "t", run: "r", step: "plan/2", agent: "writer" }],
      uses: [],
    });
    const usage = { tokens: 70, money: 0.5 };
    const recorded = [
      { kind: "agent", at: 12, result: "secret", usage },
      { kind: "agent", at: 14, result: "secret" },
      { kind: "person", at: 15, value: "secret" },
    ];
    const { forked } = outlineOf(envelope("SessionForked", { ...fork("x"), recorded }));
    expect(forked?.uses).toEqual([{ at: 12, ...usage }]);
    const erased = outlineOf(envelope("SessionForked", { ...fork("x"), state: "erased" }));
    expect(erased.forked).toMatchObject({ origin: "a", runs: [], tasks: [] });
  });
});
