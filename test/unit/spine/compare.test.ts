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
  return { logOf, run };
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

  it("that have no events cannot be compared", async () => {
    const { run } = await asked({ a: "x" });
    await expect(run("a", "b")).rejects.toThrow(/b|events/);
  });
});
