import { describe, expect, it } from "vitest";
import { fallback, step } from "#core/flow/build.ts";
import { defineAgent, type OnDoubt } from "#core/contract.ts";
import { lookAt } from "#core/session/decide/look.ts";
import { dataOf, type World } from "#testing/given-when-then.ts";
import * as z from "zod";
import { agent, isDone, reasonOf, running } from "./sample.ts";

const PERSON: OnDoubt = { person: "Was Ada's visit booked?", timeoutMs: 3_600_000 };

/** A session whose agent claimed its effect and was never heard of again. */
function doubted(onDoubt: OnDoubt, max = 1): World {
  const w = running(step("a", { fallback: [fallback.agent("b"), fallback.value("nobody knows")] }), {
    agents: [agent("a", { effect: "once", onDoubt, retries: { max, backoffMs: 1_000 } })],
  });
  w.claim("a");
  w.deadline();
  w.deadline();
  return w;
}

describe("an effect in doubt whose agent can ask its target", () => {
  it("is resolved by an attempt that does not act", () => {
    const w = doubted("ask");
    expect(w.orders.map(({ attempt, settles = false }) => ({ attempt, settles }))).toEqual([
      { attempt: 1, settles: false },
      { attempt: 2, settles: true },
    ]);
    expect(lookAt(w.state, w.order("a"))).toBeUndefined();
    expect(w.claim("a").verdicts).toEqual([{ type: "nothing", because: "claimed" }]);
  });

  it("is applied when it happened", () => {
    const w = doubted("ask");
    w.answer("a", "booked at ten");
    expect(w.replies).toEqual(["booked at ten"]);
  });

  it("is repeated when it did not happen, while retries are left", () => {
    const w = doubted("ask");
    w.fail("a", { effect: "not-done", retryable: false });
    w.deadline();
    expect(w.orders.at(-1)).toMatchObject({ attempt: 3 });
    expect(w.orders.at(-1)).not.toHaveProperty("settles");
    w.claim("a");
    w.answer("a", "booked now");
    expect(w.replies).toEqual(["booked now"]);
  });

  it("goes to other agents only when it is known not to have happened", () => {
    const known = doubted("ask", 0);
    known.fail("a", { effect: "not-done" });
    expect(known.pending).toEqual(["b"]);
    const unknown = doubted("ask", 0);
    unknown.fail("a");
    expect(unknown.replies).toEqual(["nobody knows"]);
  });

  it("is asked about as often as the contract retries, and then given up", () => {
    const w = doubted("ask", 1);
    w.deadline();
    w.deadline();
    w.fail("a", { retryable: true });
    expect(isDone(w)).toBe(true);
    expect(dataOf(w.events(), "AttemptDispatched").map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(w.replies).toEqual(["nobody knows"]);
  });

  it("requires an implementation that can ask", () => {
    const contract = defineAgent({ name: "mail", output: z.unknown(), effect: "once", onDoubt: "ask" });
    expect(() => contract.implement(() => "sent")).toThrow(/resolve: is missing/);
    expect(
      contract.implement(
        () => "sent",
        () => ({ happened: false }),
      ).resolve,
    ).toBeDefined();
  });

  it("is not an allowed policy for an agent without effects", () => {
    expect(() => agent("a", { onDoubt: "ask" })).toThrow(/onDoubt: is only for effects/);
    expect(() => agent("a", { onDoubt: { person: " ", timeoutMs: 0 }, effect: "once" })).toThrow(
      /onDoubt.person: is empty.*onDoubt.timeoutMs: 0 is out of range/,
    );
  });
});

describe("an effect in doubt that a person resolves", () => {
  it("is applied as the person found it", () => {
    const w = doubted(PERSON);
    w.person({ happened: true, result: "booked at ten" });
    expect(dataOf(w.events(), "HumanAsked")).toMatchObject([{ question: "Was Ada's visit booked?" }]);
    expect(w.replies).toEqual(["booked at ten"]);
  });

  it("is repeated when the person finds that it did not happen", () => {
    const w = doubted(PERSON);
    w.person({ happened: false });
    w.deadline();
    expect(w.pending).toEqual(["a"]);
    w.claim("a", "execution-2");
    w.answer("a", "booked now");
    expect(w.replies).toEqual(["booked now"]);
  });

  it("stays open after an answer that does not say whether it happened", () => {
    const w = doubted(PERSON);
    expect(w.person("yes").verdicts).toMatchObject([{ type: "refused", code: "input.malformed" }]);
    expect(w.person({ happened: "yes" }).verdicts).toMatchObject([{ type: "refused" }]);
    expect(isDone(w)).toBe(false);
  });

  it("is given up when the person does not answer in time", () => {
    const w = doubted(PERSON);
    w.deadline();
    expect(w.replies).toEqual(["nobody knows"]);
  });

  it("stays open permanently in a step without fallbacks: its run fails", () => {
    const w = running(step("a"), { agents: [agent("a", { effect: "once", onDoubt: PERSON })] });
    w.claim("a");
    for (let fired = 0; fired < 3; fired++) w.deadline();
    expect(reasonOf(w)).toBe("step.timeout");
  });
});
