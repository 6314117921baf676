import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { choice, defineFlow, fallback, parallel, sequence, step, transform } from "#core/flow/build.ts";
import { withFlows } from "#core/session/stored-flows.ts";
import { createMovableClock, inProcessSpine } from "#testing/index.ts";
import { timedEvents, timeline } from "#client/narration/timeline.ts";

const agent = (name: string, reads: readonly string[] = ["input"]) =>
  defineAgent({ name, reads, output: z.object({ text: z.string() }), retries: { max: 1, backoffMs: 100 } });

const [asker, left, right] = [agent("asker"), agent("left", ["asker"]), agent("right", ["asker"])];
const flow = defineFlow({
  name: "both-ways",
  on: "Asked",
  plan: sequence(
    step(asker, { fallback: fallback.skip() }),
    choice({
      when: [{ if: `asker.text == "fork"`, then: transform({ way: `"forked"` }) }],
      otherwise: transform({ way: `"straight"` }),
    }),
    parallel({
      branches: {
        left: step(left, { fallback: fallback.value({ text: "instead" }) }),
        right: step(right, { fallback: fallback.skip() }),
      },
    }),
  ),
});

/** The timeline of one session in which one agent takes its time and another fails for good. */
async function told(width?: number): Promise<readonly string[]> {
  const clock = createMovableClock(0);
  const spine = inProcessSpine({
    flows: [flow],
    clock,
    agents: [
      asker.implement(() => ({ text: "fork" })),
      left.implement(() => {
        throw new Error("The left is shut.");
      }),
      right.implement(async () => {
        await clock.sleep(50);
        return { text: "right" };
      }),
    ],
  });
  await spine.send("Asked", { text: "Which way?" }, { session: "ways", id: "q1" });
  await clock.runBy(5_000);
  const commits = await spine.reader.allCommits(spine.key("ways"));
  const whole = commits.map((commit) => withFlows(commit, spine.application.flows));
  return timeline(timedEvents(whole), { about: "both ways", ...(width !== undefined && { width }) });
}

const having = (lines: readonly string[], text: string): string =>
  lines.find((line) => line.includes(text)) ?? "";

describe("a timeline", () => {
  it("shows the text of producers and agents, and executes no escape sequence of it", async () => {
    const clock = createMovableClock(0);
    const spine = inProcessSpine({
      clock,
      flows: [defineFlow({ name: "echoing", on: "Said", plan: step(asker, { fallback: fallback.skip() }) })],
      agents: [
        asker.implement(() => {
          throw new Error(`No\u001b]0;mine\u0007, \u202eno`);
        }),
      ],
    });
    await spine.send("Said", { text: "a\u001b]52;c;cm0gLXJm\u0007b" }, { session: "hostile" });
    await clock.runBy(5_000);
    const commits = await spine.reader.allCommits(spine.key("hostile"));
    const lines = timeline(timedEvents(commits), { colours: false }).join("\n");
    expect(lines).toContain(String.raw`"a\u001b]52;c;cm0gLXJm\u0007b"`);
    expect(lines).toContain(String.raw`No\u001b]0;mine\u0007`);
    expect(lines).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it("names the session, the caller, and the context of each answer", async () => {
    const lines = await told();
    expect(lines[0]).toMatch(/^━━ ways: both ways ━+$/);
    expect(having(lines, "Asked q1")).toMatch(/^ +1 +0 .*in-process +Asked q1: "Which way\?"/);
    expect(having(lines, "works on input")).toMatch(/╥ .*asker +works on input, as of 5/);
    expect(having(lines, `answers "fork"`)).toMatch(/╨ .*asker/);
  });

  it("gives the reason for a choice's branch, with the values it read", async () => {
    expect(having(await told(120), "chooses")).toMatch(
      /chooses when\/0 of plan\/1: asker\.text == "fork" \(asker\.text is "fork"\)/,
    );
  });

  it("shows concurrent steps in columns", async () => {
    const lines = await told();
    const start = lines.findIndex((line) => /left +works on/.test(line));
    expect(lines[start]).toMatch(/╥ {3,}left +works on asker/);
    expect(lines[start + 1]).toMatch(/║ ╥ +right +works on asker/);
    expect(lines[start + 2]).toMatch(/╨ ║ +left +fails: The left is shut/);
    expect(having(lines, `answers "right"`)).toMatch(/╨ +right/);
  });

  it("shows retries, fallbacks and joins", async () => {
    const lines = await told();
    expect(having(lines, "again")).toMatch(/spine +calls left again in \d+ ms/);
    expect(having(lines, "attempt 2")).toMatch(/left/);
    expect(having(lines, "falls back")).toMatch(/falls back for left: value/);
    expect(having(lines, "joins")).toMatch(/joins left and right/);
    expect(lines.at(-1)).toMatch(/both-ways has ended/);
  });

  it("stays within its width, and has no colours unless asked", async () => {
    const lines = await told(72);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(72);
    expect(lines.join("")).not.toContain("\u001b");
  });

  it("has no lines for a session without commits", () => {
    expect(timeline([])).toEqual([]);
  });
});
