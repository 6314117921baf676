import { describe, expect, it } from "vitest";
import {
  choice,
  emit,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
  type WaitOptions,
} from "#core/flow/build.ts";
import { formatFinding, lintFlows } from "#core/flow/lint.ts";
import type { Join, OnBusy, PlanNode } from "#core/flow/plan.ts";
import { AGENTS, agent, flow, found, safe } from "./sample.ts";

const arms = (...conditions: readonly string[]) =>
  flow(choice({ when: conditions.map((text) => ({ if: text, then: safe("a") })), otherwise: safe("b") }));

describe("a clean application", () => {
  it("has no findings", () => {
    const inquiry = agent("inquiry", { reads: ["input", "session"] });
    const scheduling = agent("scheduling", { reads: ["input", "inquiry", "human", "constraints"] });
    const { on: _on, ...booking } = flow(safe("scheduling"), { name: "booking" });
    const main = flow(
      sequence(
        safe("inquiry"),
        choice({
          when: [
            {
              if: 'confidence.inquiry < 0.5 || inquiry.intent == "other"',
              then: human({ ask: "What is meant?" }),
            },
          ],
          otherwise: transform({ "note.text": "input.text" }),
        }),
        parallel({
          branches: {
            book: subFlow("booking"),
            paid: waitFor("Paid", { if: "event.id == input.id", into: "payment" }),
          },
        }),
        map({ over: "scheduling.slots", each: emit("SlotFound", "{'slot': item, 'note': has(note.text)}") }),
        reply("{'scheduling': scheduling, 'paid': payment.amount}"),
      ),
      { if: "has(event.text) && session.channel == 'web'" },
    );
    expect(lintFlows([main, booking], [inquiry, scheduling])).toEqual([]);
  });
});

describe("branches that cannot run", () => {
  it("reports conditions that are always or never true", () => {
    expect(found(arms("true", "input.x"))).toEqual(["unreachable-branch visit/plan/when/0"]);
    expect(found(arms("input.x", " false "))).toEqual(["unreachable-branch visit/plan/when/1"]);
  });

  it("reports a condition that repeats an earlier one, regardless of spacing", () => {
    expect(found(arms("input.x == 1", "input.y", "input.x==1"))).toEqual([
      "unreachable-branch visit/plan/when/2",
    ]);
    expect(found(arms("input.x == 'a b'", "input.x == 'ab'"))).toEqual([]);
  });

  it("reports a quorum that the branches cannot reach", () => {
    const vote = parallel({ branches: { x: safe("a"), y: safe("b") }, join: { type: "quorum", n: 3 } });
    expect(found(flow(vote))).toEqual(["unreachable-branch visit/plan/join"]);
  });

  it.each([
    ["sequence", sequence()],
    ["parallel", parallel({ branches: {} })],
    ["choice", choice({ when: [], otherwise: safe("a") })],
  ])("reports an empty %s", (_kind, plan) => {
    expect(found(flow(sequence(safe("a"), plan)))).toEqual(["unreachable-branch visit/plan/1"]);
  });
});

describe("paths without a writer", () => {
  it.each<[string, PlanNode, string]>([
    [
      "a condition",
      choice({ when: [{ if: "ghost.x", then: safe("a") }], otherwise: safe("a") }),
      "plan/when/0/if",
    ],
    ["a transform", transform({ x: "ghost.y" }), "plan/set/x"],
    ["a map's list", map({ over: "ghost", each: safe("a") }), "plan/over"],
    ["a reply", reply("ghost"), "plan/body"],
    ["an emit", emit("Done", "ghost"), "plan/data"],
    ["a wait's condition", waitFor("Paid", { if: "event.id == ghost.id" }), "plan/if"],
    ["`event` outside conditions", reply("event"), "plan/body"],
    ["`item` outside a map", reply("item"), "plan/body"],
  ])("reports %s", (_what, plan, place) => {
    expect(found(flow(plan))).toEqual([`unwritten-path visit/${place}`]);
  });

  it("reports a trigger's condition, and allows `event` in it", () => {
    expect(found(flow(safe("a"), { if: "event.x == ghost.x" }))).toEqual(["unwritten-path visit/if"]);
    expect(found(flow(safe("a"), { if: "event.x" }))).toEqual([]);
  });

  it("reports the reads of contracts, including those of fallback agents", () => {
    const reader = agent("reader", { reads: ["ghost.text"] });
    const plan = sequence(safe("reader"), safe("a", { fallback: fallback.agent("reader") }));
    expect(found(flow(plan), [...AGENTS, reader])).toEqual([
      "unwritten-path visit/plan/0",
      "unwritten-path visit/plan/1/fallback/0",
    ]);
  });

  it("reports a section whose agent no flow uses, and names the agent", () => {
    const findings = lintFlows([flow(reply("a.text"))], AGENTS);
    expect(findings.map((finding) => finding.rule)).toEqual(["unwritten-path"]);
    expect(findings[0]?.repair).toContain('"a"');
  });

  it("allows `item` in a sub-flow that runs inside a map", () => {
    const { on: _on, ...part } = flow(emit("Found", "item"), { name: "part" });
    expect(found([flow(map({ over: "input.list", each: subFlow("part") })), part])).toEqual([]);
    expect(found([flow(subFlow("part")), part])).toEqual(["unwritten-path part/plan/data"]);
    const { on: _never, ...between } = flow(subFlow("part"), { name: "between" });
    const outer = flow(map({ over: "input.list", each: subFlow("between") }));
    expect(found([outer, between, part])).toEqual([]);
  });
});

describe("a finding's message", () => {
  const problems = (plan: unknown) => lintFlows([flow(plan)], AGENTS).map((finding) => finding.problem);

  it("distinguishes a missing value from an invalid one", () => {
    expect(problems({ kind: "reply" })).toEqual(["is missing"]);
    expect(problems({ kind: "reply", body: 7 })).toEqual(["is 7"]);
    expect(problems({ ...waitFor("Paid"), timeoutMs: undefined })).toEqual(["the wait has no bound"]);
    expect(problems(waitFor("Paid", { timeoutMs: 0 }))).toEqual(["0 is not a bound"]);
  });

  it("explains why a path has no value", () => {
    expect(problems(reply("event.x"))[0]).toContain("only in the conditions of triggers and waits");
    expect(problems(reply("item.x"))[0]).toContain("only inside a map");
    expect(problems(reply("ghost.x"))[0]).toContain('no step of any flow writes "ghost"');
  });
});

describe("reads before writes", () => {
  const reader = agent("reader", { reads: ["a"] });
  const agents = [...AGENTS, reader];

  it("cause a warning when only a later step writes the path", () => {
    expect(found(flow(sequence(safe("reader"), safe("a"))), agents)).toEqual([
      "read-before-write visit/plan/0",
    ]);
    expect(found(flow(sequence(safe("a"), safe("reader"))), agents)).toEqual([]);
    expect(found(flow(sequence(transform({ x: "a.n" }), safe("a"))))).toEqual([
      "read-before-write visit/plan/0/set/x",
    ]);
  });

  it("cause a warning at the step that uses a sub-flow when the path is written after it", () => {
    const { on: _on, ...part } = flow(sequence(safe("b"), safe("reader")), { name: "part" });
    expect(found([flow(sequence(subFlow("part"), safe("a"))), part], agents)).toEqual([
      "read-before-write visit/plan/0",
    ]);
  });

  it("cause a warning even when another flow writes it: the run's own slot is empty until then", () => {
    const other = flow(safe("a"), { name: "other", on: "Other" });
    expect(found([flow(sequence(safe("reader"), safe("a"))), other], agents)).toEqual([
      "read-before-write visit/plan/0",
    ]);
    const before = agent("reader", { reads: ["before.a"] });
    expect(found([flow(sequence(safe("reader"), safe("a"))), other], [...AGENTS, before])).toEqual([]);
  });

  it("cause a warning when an agent reads its own section, unless it keeps it", () => {
    const memory = (keeps: boolean) => [agent("memory", { reads: ["input", "memory"], keeps })];
    expect(found(flow(safe("memory")), memory(false))).toEqual(["read-before-write visit/plan"]);
    expect(found(flow(safe("memory")), memory(true))).toEqual([]);
    expect(found(flow(sequence(safe("memory"), safe("memory"))), memory(false))).toEqual([
      "read-before-write visit/plan/0",
    ]);
  });
});

describe("reads of a path that may be unwritten", () => {
  const forked = (then: PlanNode, otherwise: PlanNode, body: string) =>
    flow(sequence(choice({ when: [{ if: "input.n > 1", then }], otherwise }), reply(body)));

  it("are reported where only one arm of a choice writes it and the expression has no guard", () => {
    expect(found(forked(safe("a"), safe("b"), "a"))).toEqual(["maybe-unwritten visit/plan/1/body"]);
    expect(found(forked(safe("a"), sequence(), "a.n.m"))).toContain("maybe-unwritten visit/plan/1/body");
    expect(found(forked(safe("a"), safe("b"), "has(a.n) ? a.n : 0"))).toEqual([]);
    expect(found(forked(safe("a"), safe("b"), "has(a) ? a : b"))).toEqual([
      "maybe-unwritten visit/plan/1/body",
    ]);
  });

  it("are fine where every arm writes it, or the arm's own condition has a guard", () => {
    expect(found(forked(safe("a"), sequence(safe("b"), transform({ "x.n": "1" })), "a"))).toHaveLength(1);
    expect(found(forked(safe("a"), safe("a"), "a"))).toEqual([]);
    const asked = choice({ when: [{ if: "has(a.n)", then: reply("a.n") }], otherwise: reply("0") });
    const plan = sequence(
      choice({ when: [{ if: "input.n > 1", then: safe("a") }], otherwise: safe("b") }),
      asked,
    );
    expect(found(flow(plan))).toEqual([]);
  });

  it("are reported after a join that continues without all branches", () => {
    const any = parallel({ branches: { x: safe("a"), y: safe("b") }, join: { type: "any" } });
    expect(found(flow(sequence(any, reply("a"))))).toEqual(["maybe-unwritten visit/plan/1/body"]);
    const all = parallel({ branches: { x: safe("a"), y: safe("b") } });
    expect(found(flow(sequence(all, reply("a"))))).toEqual([]);
  });
});

describe("conditions", () => {
  it("reports texts that are not CEL, wherever they occur", () => {
    const plan = sequence(
      arms("input.x =").plan,
      transform({ x: "(" }),
      map({ over: "[", each: safe("c") }),
      reply("'"),
    );
    expect(found(flow(plan, { if: "&&" }))).toEqual([
      "bad-condition visit/if",
      "bad-condition visit/plan/0/when/0/if",
      "bad-condition visit/plan/1/set/x",
      "bad-condition visit/plan/2/over",
      "bad-condition visit/plan/3/body",
    ]);
  });
});

describe("bounds", () => {
  it.each<[string, unknown]>([
    ["is missing", undefined],
    ["is zero", 0],
    ["is negative", -1],
    ["is a text", "1000"],
    ["is longer than 365 days", 365 * 86_400_000 + 1],
  ])("requires a valid bound on every wait: %s is not one", (_what, timeoutMs) => {
    const link = { type: "human", ask: "Well?", timeoutMs };
    const plan = sequence(
      { ...waitFor("Paid"), timeoutMs } as PlanNode,
      { ...human({ ask: "Well?" }), timeoutMs } as PlanNode,
      { ...safe("a"), fallback: [link] } as PlanNode,
    );
    expect(found(flow(plan))).toEqual([
      "unbounded-wait visit/plan/0/timeoutMs",
      "unbounded-wait visit/plan/1/timeoutMs",
      "unbounded-wait visit/plan/2/fallback/0/timeoutMs",
    ]);
  });

  it("requires a run to end within 365 days, or a flow's own bound", () => {
    const plan = map({ over: "input.list", each: waitFor("Paid"), maxConcurrent: 1, maxItems: 366 });
    expect(found(flow(plan))).toEqual(["unbounded-wait visit/timeoutMs"]);
    expect(found(flow(plan, { timeoutMs: 1_000 }))).toEqual([]);
    expect(found(flow({ ...plan, maxItems: 365 }))).toEqual([]);
  });

  it.each<[string, PlanNode, string]>([
    ["a task's timeout", safe("a", { timeoutMs: 900_001 }), "timeoutMs"],
    ["retries", safe("a", { retries: { max: 11, backoffMs: 1 } }), "retries/max"],
    ["a pause", safe("a", { retries: { max: 1, backoffMs: -1 } }), "retries/backoffMs"],
    ["a quorum of none", parallel({ branches: { x: safe("a") }, join: { type: "quorum", n: 0 } }), "join/n"],
    ["no items at a time", map({ over: "input", each: safe("a"), maxConcurrent: 0 }), "maxConcurrent"],
    ["too many items", map({ over: "input", each: safe("a"), maxItems: 1_001 }), "maxItems"],
    ["a sequence's timeout", sequence({ timeoutMs: 0.5 }, safe("a")), "timeoutMs"],
  ])("reports %s out of range", (_what, plan, part) => {
    expect(found(flow(plan))).toEqual([`bad-number visit/plan/${part}`]);
  });

  it("reports a flow's timeout out of range", () => {
    expect(found(flow(safe("a"), { timeoutMs: Number.NaN }))).toEqual(["bad-number visit/timeoutMs"]);
  });
});

describe("sections", () => {
  it.each<[string, PlanNode]>([
    ["the spine's own", transform({ "input.text": "1" })],
    ["an agent's, in a transform", transform({ "a.text": "1" })],
    ["an agent's, by a person", human({ ask: "Well?", into: "b" })],
    ["the spine's, by a wait", waitFor("Paid", { into: "session" })],
    ["an agent's, by a join", parallel({ branches: { x: safe("a") }, join: { type: "best", into: "c" } })],
  ])("may not be written by a step when they are %s", (_what, plan) => {
    expect(found(flow(plan))).toEqual(["reserved-section visit/plan"]);
  });
});

describe("fallbacks", () => {
  it("are required for agent steps, with a warning", () => {
    const findings = lintFlows([flow(sequence(safe("a"), step("b")))], AGENTS);
    expect(findings.map(({ rule, severity, place }) => [rule, severity, place])).toEqual([
      ["no-fallback", "warning", "plan/1"],
    ]);
  });

  it.each<[string, Join, boolean]>([
    ["any", { type: "any" }, false],
    ["best", { type: "best", into: "best" }, false],
    ["a quorum of fewer", { type: "quorum", n: 1 }, false],
    ["a quorum of all", { type: "quorum", n: 2 }, true],
    ["all", { type: "all" }, true],
  ])("are not required in a branch of %s whose failure does not fail the run", (_what, join, warned) => {
    const plan = parallel({ branches: { x: step("a"), y: sequence(step("b")) }, join });
    const rules = lintFlows([flow(plan)], AGENTS).map(({ rule }) => rule);
    expect(rules.includes("no-fallback")).toBe(warned);
  });
});

describe("concurrent waits", () => {
  const paid = (options: WaitOptions = {}) => waitFor("Paid", options);
  const rules = (plan: PlanNode, onBusy: OnBusy) =>
    lintFlows([flow(plan, { onBusy })], AGENTS).map(
      ({ rule, place, severity }) => `${severity} ${rule} ${place}`,
    );

  it("cause a warning when they accept any event and runs or items are concurrent", () => {
    expect(rules(paid(), "parallel")).toEqual(["warning shared-event plan"]);
    expect(rules(map({ over: "input", each: paid() }), "queue")).toEqual(["warning shared-event plan/each"]);
    expect(rules(paid(), "queue")).toEqual([]);
  });

  it("are fine with a condition, or when each takes its own event", () => {
    expect(rules(paid({ if: "event.order == input.order" }), "parallel")).toEqual([]);
    expect(rules(paid({ take: "first" }), "parallel")).toEqual([]);
  });

  it('may use take "first", and no other value', () => {
    expect(found(flow({ ...paid(), take: "last" }))).toEqual(["bad-shape visit/plan/take"]);
  });
});

describe("a finding", () => {
  it("is one line with its place and its repair", () => {
    const [finding] = lintFlows([flow(step("a"))], AGENTS);
    expect(finding && formatFinding(finding)).toBe(
      'warning no-fallback visit/plan: the run fails when the agent "a" fails. Add a fallback: another agent, a value, the last known one, a person, or skip.',
    );
  });
});
