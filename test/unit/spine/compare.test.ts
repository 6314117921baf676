import * as z from "zod";
import { afterEach, describe, expect, it } from "vitest";
import { answered, defineAgent } from "#core/contract.ts";
import { choice, defineFlow, fallback, sequence, step, transform, waitFor } from "#core/flow/build.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { compareSessions } from "#client/compare-sessions.ts";
import { inProcessClient } from "../../support/in-process-client.ts";
import { runCommand } from "../../support/run-command.ts";

const quick = { retries: { max: 0, backoffMs: 1 } };
const asker = defineAgent({ name: "asker", output: z.object({ kind: z.string() }), ...quick });
const closer = defineAgent({ name: "closer", output: z.string(), ...quick });
const flow = defineFlow({
  name: "visit",
  on: "Asked",
  plan: sequence(
    step(asker),
    choice({
      when: [{ if: "asker.kind == 'x'", then: transform({ note: "'short'" }) }],
      otherwise: transform({ note: "'long'", extra: "1" }),
    }),
    step(closer, { fallback: fallback.skip() }),
  ),
});

const spines: InProcessSpine[] = [];
afterEach(async () => {
  await Promise.all(spines.splice(0).map((spine) => spine.close()));
});

/** A spine in which one session is asked for each kind; `bad` lets the last agent fail. */
async function asked(kinds: Readonly<Record<string, string>>) {
  const agents = [
    asker.implement(({ context }) =>
      answered({
        result: { kind: (context as { input: { kind: string } }).input.kind },
        usage: { tokens: 5 },
      }),
    ),
    closer.implement(({ session }) => {
      if (session.endsWith("bad")) throw new Error("No.");
      return "done";
    }),
  ];
  const spine = inProcessSpine({ flows: [flow], agents });
  spines.push(spine);
  const client = inProcessClient(spine, "web");
  for (const [session, kind] of Object.entries(kinds)) {
    await client.send(session, { id: "1", type: "Asked", data: { kind } });
    await spine.idle();
  }
  const logOf = (session: string) => client.eventsAfter(session, 0);
  const run = (...args: readonly string[]) => runCommand(client, "compare", ...args);
  return { logOf, run, client, spine };
}

describe("two sessions", () => {
  it("that came to the same have no difference, whatever their ids and times", async () => {
    const { logOf, run } = await asked({ a: "x", b: "x" });
    const { steps, firstDifference, totals } = compareSessions(await logOf("a"), await logOf("b"));
    expect(firstDifference).toBeUndefined();
    expect(steps.map(({ step: name }) => name)).toEqual([
      "plan/0",
      "plan/1",
      "plan/1/when/0",
      "plan/2",
      "reply",
      "run",
    ]);
    expect(steps.every(({ isSame }) => isSame)).toBe(true);
    expect(totals.one).toMatchObject({ tokens: 5, attempts: 2, fallbacks: 0 });
    expect(await run("a", "b")).toMatch(/^All 6 steps came to the same\.\n\nTheir contexts are the same\./);
  });

  it("part at the first step that came to something else, and each difference is named", async () => {
    const { logOf, run } = await asked({ a: "x", b: "y" });
    const { firstDifference, steps } = compareSessions(await logOf("a"), await logOf("b"));
    expect(firstDifference).toMatchObject({
      step: "plan/0",
      one: { how: "answered", value: { kind: "x" } },
      other: { how: "answered", value: { kind: "y" } },
    });
    expect(steps.filter(({ isSame }) => !isSame).map(({ step: name }) => name)).toEqual([
      "plan/0",
      "plan/1",
      "plan/1/when/0",
      "plan/1/otherwise",
    ]);
    const text = await run("a", "b");
    expect(text).toMatch(/^They part at visit plan\/0\. Of 7 steps 4 differ:/);
    expect(text).toMatch(/visit plan\/1\/when\/0 +set \{note: "short"\} +\(not reached\)/);
    expect(text).toMatch(/asker\.kind +"x" +"y"/);
    expect(text).toMatch(/note +"short" +"long"/);
    expect(text).toMatch(/extra +\(none\) +1/);
  });

  it("that waited for the same event came to the same, whichever section of their runs took it", async () => {
    const waiting = defineFlow({
      name: "waiting",
      on: "Asked",
      plan: sequence(waitFor("Paid", { into: "paid" }), transform({ note: "paid.by" })),
    });
    const spine = inProcessSpine({ flows: [waiting], agents: [] });
    spines.push(spine);
    const client = inProcessClient(spine, "web");
    for (const session of ["a", "b"]) {
      await client.send(session, { id: "1", type: "Asked", data: {} });
      await client.send(session, { id: "2", type: "Paid", data: { by: "card" } });
      await spine.idle();
    }
    const compared = compareSessions(await client.eventsAfter("a", 0), await client.eventsAfter("b", 0));
    expect(compared.firstDifference).toBeUndefined();
    expect(compared.steps[0]?.one).toMatchObject({ how: "received", value: "paid" });
  });

  it("part at a failure and its fallback", async () => {
    const { logOf, run } = await asked({ a: "x", bad: "x" });
    const { firstDifference, totals } = compareSessions(await logOf("a"), await logOf("bad"));
    expect(firstDifference).toMatchObject({
      step: "plan/2",
      one: { how: "answered", value: "done" },
      other: { how: "skipped" },
    });
    expect(totals.other.fallbacks).toBe(1);
    expect(JSON.parse(await run("a", "bad", "--json"))).toMatchObject({
      firstDifference: { step: "plan/2" },
    });
  });

  it("part where the other one alone went on", async () => {
    const { logOf } = await asked({ a: "x" });
    const whole = await logOf("a");
    const cut = whole.slice(
      0,
      whole.findIndex(({ event }) => event.type === "ChoiceMade"),
    );
    const { firstDifference } = compareSessions(cut, whole);
    expect(firstDifference).toMatchObject({ step: "plan/1", other: { how: "took" } });
    expect(firstDifference).not.toHaveProperty("one");
  });

  describe("of which one is a fork of the other", () => {
    async function forked() {
      const { logOf, run, client, spine } = await asked({ a: "x" });
      const log = await logOf("a");
      const at = log.find(({ event }) => event.type === "AnswerApplied")?.event.sequence ?? 0;
      await client.fork("a", { session: "f", at, set: { "asker.kind": "y" } });
      await client.fork("a", { session: "same", at });
      await spine.idle();
      return { logOf, run, log, at, client, spine };
    }

    it("came to the same before, and part at what came to something else since", async () => {
      const { logOf, run, log, at } = await forked();
      const compared = compareSessions(log, await logOf("f"), { one: "a", other: "f" });
      expect(compared.forked).toEqual({ fork: "other", at, changed: ["asker.kind"] });
      expect(compared.steps.map(({ step: name, isSame }) => [name, isSame])).toEqual([
        ["plan/0", true],
        ["plan/1", false],
        ["plan/1/when/0", false],
        ["plan/2", true],
        ["reply", true],
        ["run", true],
        ["plan/1/otherwise", false],
      ]);
      expect(compared.steps[0]?.other).toMatchObject({ kept: "before", value: { kind: "x" } });
      expect(compared.firstDifference?.step).toBe("plan/1");
      const turned = compareSessions(await logOf("f"), log, { one: "f", other: "a" });
      expect(turned.forked?.fork).toBe("one");
      expect(turned.firstDifference?.step).toBe("plan/1");
      expect(await run("a", "f")).toMatch(
        new RegExp(
          `^f is a fork of a at event ${at}, with another asker\\.kind\\.\nThey part at visit plan/1\\.`,
        ),
      );
    });

    it("spend nothing on outcomes that the fork reuses, and came to the same by them", async () => {
      const { logOf, log } = await forked();
      const { steps, totals, firstDifference } = compareSessions(log, await logOf("same"), {
        one: "a",
        other: "same",
      });
      expect(firstDifference).toBeUndefined();
      expect(steps.find(({ step: name }) => name === "plan/2")?.other).toMatchObject({ kept: "reused" });
      expect([totals.one.attempts, totals.other.attempts]).toEqual([2, 0]);
    });

    it("do not share what came before under another version of the flow: there the run begins anew", async () => {
      const { logOf, log } = await forked();
      const [first, ...rest] = await logOf("same");
      if (first?.event.type !== "SessionForked") throw new Error("It is no fork.");
      const { data } = first.event;
      const runs = Object.entries(data.state.runs).map(([id, run]) => [id, { ...run, flow: "newer" }]);
      const state = { ...data.state, runs: Object.fromEntries(runs) as typeof data.state.runs };
      const anew = { ...first, event: { ...first.event, data: { ...data, state } } };
      const { steps } = compareSessions(log, [anew, ...rest], { one: "a", other: "same" });
      expect(steps.find(({ step: name }) => name === "plan/0")).not.toHaveProperty("other");
      expect(steps.find(({ step: name }) => name === "plan/1")).toMatchObject({ run: 1, isSame: true });
    });

    it("and two forks of one session are aligned by the tasks that each goes on with", async () => {
      const { logOf, log, client, spine } = await forked();
      const at = log.find(({ event }) => event.type === "AttemptDispatched")?.event.sequence ?? 0;
      await client.fork("a", { session: "left", at, set: { "input.kind": "y" } });
      await client.fork("a", { session: "right", at });
      await spine.idle();
      const names = { one: "left", other: "right" };
      const { steps, firstDifference } = compareSessions(await logOf("left"), await logOf("right"), names);
      expect(firstDifference).toMatchObject({ step: "plan/0", one: { value: { kind: "y" } } });
      expect(steps[0]?.other).toMatchObject({ value: { kind: "x" }, kept: "reused" });
    });

    it("are told apart from forks of another session", async () => {
      const { logOf } = await forked();
      const compared = compareSessions(await logOf("same"), await logOf("f"), { one: "same", other: "f" });
      expect(compared.forked).toBeUndefined();
      expect(compared.steps[0]?.step).toBe("plan/1");
    });
  });

  it("that have no events cannot be compared", async () => {
    const { run } = await asked({ a: "x" });
    await expect(run("a", "b")).rejects.toThrow(/b|events/);
  });
});
