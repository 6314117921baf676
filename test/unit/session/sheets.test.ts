import { describe, expect, it } from "vitest";
import { choice, human, map, parallel, reply, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import type { Json } from "#core/json.ts";
import { dataOf, World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, reasonOf, running } from "./sample.ts";

const lines = (...items: string[]) => ({ lines: items });
const lastReply = (w: World): Json | undefined => w.replies.at(-1);

describe("a list", () => {
  const counting = () =>
    running(
      sequence(
        map({ over: "input.lines", each: step("check", { fallback: [{ type: "skip" }] }) }),
        reply(`{"fine": check.filter(line, check[line].ok).size()}`),
      ),
      { agents: [agent("check", { reads: ["item"] })], data: lines() },
    );
  const send = (w: World, ...items: string[]) => {
    w.event("Asked", lines(...items));
    for (const item of items) w.answer("check", { ok: item === "good" });
    return lastReply(w);
  };

  it("without items leaves an empty section", () => {
    expect(lastReply(counting())).toEqual({ fine: 0 });
  });

  it("that is shorter than the previous one shows none of its items", () => {
    const w = counting();
    expect(send(w, "good", "good", "bad")).toEqual({ fine: 2 });
    expect(send(w, "bad")).toEqual({ fine: 0 });
    expect(send(w)).toEqual({ fine: 0 });
    expect(w.state.context["check"]).toEqual({});
  });

  const priced = (key?: string) =>
    running(
      sequence(
        map({
          over: "input.lines",
          each: step("price", { fallback: [{ type: "last-known" }, { type: "skip" }] }),
          ...(key !== undefined && { key }),
        }),
        reply("price"),
      ),
      { agents: [agent("price", { reads: ["item"] })], data: lines("apple") },
    );

  it("gives an item nothing of an earlier list's item at the same index", () => {
    const w = priced();
    w.answer("price", 3);
    w.event("Asked", lines("television"));
    w.fail("price", { retryable: false });
    expect(lastReply(w)).toEqual({});
  });

  it("gives an item its own last value when its map names items", () => {
    const w = priced("item.value");
    w.answer("price", 3);
    expect(lastReply(w)).toEqual({ apple: 3 });
    w.event("Asked", lines("television", "apple"));
    for (let i = 0; i < 2; i++) w.fail("price", { retryable: false });
    expect(lastReply(w)).toEqual({ apple: 3 });
  });

  it.each([
    ["twice the same", ["pear", "pear"]],
    ["of a name that is no part of a path", ["a.b"]],
    ["of an empty name", [""]],
  ])("with an item %s fails with the reason", (_, items) => {
    const w = priced("item.value");
    w.answer("price", 3);
    w.event("Asked", lines(...items));
    expect(reasonOf(w)).toBe("condition.failed");
  });
});

describe("a slot that was not filled in this run", () => {
  it("is empty after a skip, even if an earlier run filled it", () => {
    const w = running(
      sequence(
        step("a", { fallback: [{ type: "skip" }] }),
        reply(`{"known": has(a.left), "sure": has(confidence.a)}`),
      ),
    );
    w.answer("a", { left: 1 }, { confidence: 0.9 });
    expect(lastReply(w)).toEqual({ known: true, sure: true });
    w.event("Asked");
    w.fail("a");
    expect(lastReply(w)).toEqual({ known: false, sure: false });
    expect(w.state.context).not.toHaveProperty("a");
    expect(w.state.findings).toEqual({});
  });

  it("is empty again when a second step for it is skipped", () => {
    const w = running(
      sequence(step("a"), step("a", { fallback: [{ type: "skip" }] }), reply(`{"known": has(a.left)}`)),
    );
    w.answer("a", { left: 1 });
    w.fail("a");
    expect(lastReply(w)).toEqual({ known: false });
  });

  it("is empty when a person did not answer, and the run continues", () => {
    const w = running(
      sequence(
        human({ ask: "Spend?", into: "consent", onTimeout: "continue", timeoutMs: 1_000 }),
        reply(`has(consent.yes) && consent.yes ? "spent" : "kept"`),
      ),
    );
    w.person({ yes: true });
    expect(lastReply(w)).toBe("spent");
    w.event("Asked");
    w.deadline();
    expect(lastReply(w)).toBe("kept");
    expect(w.state.context).not.toHaveProperty("consent");
  });

  it("is empty when an awaited event did not arrive, and the run continues", () => {
    const w = running(
      sequence(
        waitFor("Paid", { into: "coins", onTimeout: "continue", timeoutMs: 1_000 }),
        reply(`has(coins.n) ? "ships" : "waits"`),
      ),
    );
    w.event("Paid", { n: 7 });
    expect(lastReply(w)).toBe("ships");
    w.event("Asked");
    w.deadline();
    expect(lastReply(w)).toBe("waits");
  });

  it("is empty when the arm that fills it was not taken", () => {
    const w = running(
      sequence(
        choice({ when: [{ if: "input.deep", then: step("a") }], otherwise: step("b") }),
        reply(`{"a": has(a.n), "b": has(b.n)}`),
      ),
      { data: { deep: true } },
    );
    w.answer("a", { n: 1 });
    w.event("Asked", { deep: false });
    w.answer("b", { n: 2 });
    expect(lastReply(w)).toEqual({ a: false, b: true });
  });

  it("is empty when a partial join continued without its branch", () => {
    const w = running(
      sequence(
        parallel({ branches: { x: step("a"), y: step("b") }, timeoutMs: 5_000, onTimeout: "partial" }),
        reply(`{"a": has(a.n), "b": has(b.n)}`),
      ),
    );
    w.answer("a", { n: 1 });
    w.answer("b", { n: 1 });
    w.event("Asked");
    w.answer("a", { n: 2 });
    w.deadline();
    expect(lastReply(w)).toEqual({ a: true, b: false });
  });
});

describe("a join", () => {
  const surest = () =>
    running(
      sequence(
        parallel({
          branches: {
            quick: step("a", { fallback: [{ type: "skip" }] }),
            careful: step("b", { fallback: [{ type: "skip" }] }),
          },
          join: { type: "best", into: "chosen" },
        }),
        reply(`has(chosen.branch) ? chosen : {"branch": "none"}`),
      ),
    );

  it("takes the branch that answered over one that did not, whatever its confidence", () => {
    const w = surest();
    w.fail("b");
    w.answer("a", "quick's");
    expect(lastReply(w)).toEqual({ branch: "quick", confidence: 0, value: "quick's" });
  });

  it("takes no result of a branch that answered an earlier question", () => {
    const w = surest();
    w.answer("b", "first", { confidence: 0.9 });
    w.answer("a", "second", { confidence: 0.1 });
    w.event("Asked");
    w.fail("b");
    w.answer("a", "now");
    expect(lastReply(w)).toMatchObject({ branch: "quick", value: "now" });
  });

  it("takes the first branch in writing order among equals", () => {
    const w = surest();
    w.answer("b", "b", { confidence: 0.5 });
    w.answer("a", "a", { confidence: 0.5 });
    expect(lastReply(w)).toMatchObject({ branch: "quick" });
  });

  it("takes nothing when no branch answered", () => {
    const w = surest();
    w.fail("a");
    w.fail("b");
    expect(lastReply(w)).toEqual({ branch: "none" });
    expect(dataOf(w.events(), "JoinDecided")).toMatchObject([{ winners: [], empty: true }]);
  });

  it("does not take a value that a transform cleared", () => {
    const w = running(
      sequence(
        step("a"),
        transform({ a: "null" }),
        parallel({
          branches: {
            x: step("a", { fallback: [{ type: "skip" }] }),
            y: step("b", { fallback: [{ type: "skip" }] }),
          },
          join: { type: "best", into: "chosen" },
        }),
        reply("chosen"),
      ),
    );
    w.answer("a", "wise", { confidence: 1 });
    w.fail("a");
    w.answer("b", "b");
    expect(lastReply(w)).toMatchObject({ branch: "y", value: "b" });
  });

  it("that needs one branch is not won by a skipped one", () => {
    const any = () =>
      running(
        sequence(
          parallel({
            branches: { x: step("a", { fallback: [{ type: "skip" }] }), y: step("b") },
            join: { type: "any" },
          }),
          reply(`{"b": has(b.n)}`),
        ),
      );
    const w = any();
    w.fail("a");
    expect(w.pending).toEqual(["b"]);
    w.answer("b", { n: 1 });
    expect(lastReply(w)).toEqual({ b: true });
    const dead = any();
    dead.fail("a");
    dead.fail("b");
    expect(reasonOf(dead)).toBe("agent.failed");
  });

  it("fails when the skipped branches make a quorum unreachable", () => {
    const w = running(
      parallel({
        branches: {
          x: step("a", { fallback: [{ type: "skip" }] }),
          y: sequence({ timeoutMs: 100_000 }, step("b", { fallback: [{ type: "skip" }] })),
          z: human({ ask: "Well?", into: "said", onTimeout: "continue", timeoutMs: 60_000 }),
        },
        join: { type: "quorum", n: 2 },
      }),
    );
    w.fail("a");
    w.fail("b");
    expect(reasonOf(w)).toBe("join.unanswered");
  });
});

describe("the session's context", () => {
  it("receives a run's values, path by path, when it completes, and not before", () => {
    const app = applicationOf([
      flowOf(transform({ "order.note": "'theirs'", "order.total": "1" }), { name: "other", on: "Noted" }),
      flowOf(sequence(transform({ "order.total": "20", "order.paid": "false" }), step("a"), reply("order"))),
    ]);
    const w = new World(app);
    w.event("Noted");
    w.event("Asked");
    expect(w.state.context["order"]).toEqual({ note: "theirs", total: 1 });
    w.answer("a", 1);
    expect(lastReply(w)).toEqual({ note: "theirs", total: 20, paid: false });
    expect(w.state.context["order"]).toEqual({ note: "theirs", total: 20, paid: false });
    expect(dataOf(w.events(), "RunCompleted").at(-1)).toEqual({ run: expect.any(String) as string });
  });

  it("has no trace of a run's values below a section that was otherwise empty", () => {
    const told = agent("told", { reads: ["seen", "input"] });
    const w = running(
      sequence(
        reply(`{"there": has(seen)}`),
        step("told"),
        choice({
          when: [{ if: "input.n > 5", then: transform({ "seen.n": "1" }) }],
          otherwise: transform({}),
        }),
      ),
      { agents: [told], data: { n: 6 } },
    );
    w.answer("told", "nothing yet");
    expect(w.state.context["seen"]).toEqual({ n: 1 });
    w.event("Asked", { n: 5 });
    expect(w.order("told").view).toEqual({ input: { n: 5 } });
    w.answer("told", "nothing now");
    expect(w.replies).toEqual([{ there: false }, { there: false }]);
    expect(w.state.context).not.toHaveProperty("seen");
  });

  it("is not read for a path that a step of the run writes, before it has", () => {
    const w = running(
      sequence(
        transform({ "seen.total": `has(order.total) ? order.total : 0`, "seen.note": `has(order.note)` }),
        transform({ "order.total": "input.n" }),
        reply("seen"),
      ),
      { data: { n: 5 } },
    );
    w.event("Asked", { n: 6 });
    expect(w.replies).toEqual([
      { total: 0, note: false },
      { total: 0, note: false },
    ]);
  });

  it("stays unchanged when the run fails or is cancelled", () => {
    const w = running(sequence(step("a"), transform({ "n.of": "1" }), step("b")));
    w.answer("a", "first");
    w.answer("b", 1);
    const before = w.state.context;
    w.event("Asked");
    w.answer("a", "second");
    w.fail("b");
    expect(w.state.context).toEqual({ ...before, input: {} });
    w.event("Asked");
    w.answer("a", "third");
    w.cancel("visit");
    expect(w.state.context).toEqual({ ...before, input: {} });
  });

  it("keeps the values of an effect even if its run failed, and the log says so", () => {
    const book = agent("book", { effect: "once" });
    const w = running(sequence(step("a"), step("book"), step("b")), { agents: [book] });
    w.answer("a", "not kept");
    w.claim("book");
    w.answer("book", "room 12");
    w.fail("b");
    expect(dataOf(w.events(), "RunFailed")).toMatchObject([{ stands: ["book"] }]);
    expect(w.state.context).toMatchObject({ book: "room 12" });
    expect(w.state.context).not.toHaveProperty("a");
  });

  it("keeps nothing of an effect that was undone", () => {
    const book = agent("book", { effect: "once" });
    const w = running(sequence(step("book", { compensate: step("c") }), step("b")), { agents: [book] });
    w.claim("book");
    w.answer("book", "room 12");
    w.fail("b");
    w.answer("c", "free again");
    expect(dataOf(w.events(), "RunFailed")).toEqual([expect.not.objectContaining({ stands: ["book"] })]);
    expect(w.state.context).not.toHaveProperty("book");
  });

  it("keeps the values of effects that could not be undone", () => {
    const book = agent("book", { effect: "once" });
    const w = running(sequence(step("book", { compensate: step("c") }), step("b")), { agents: [book] });
    w.claim("book");
    w.answer("book", "room 12");
    w.fail("b");
    w.fail("c");
    expect(dataOf(w.events(), "RunFailed")).toMatchObject([{ stands: ["book"] }]);
    expect(w.state.context).toMatchObject({ book: "room 12" });
  });
});
