import { describe, expect, it } from "vitest";
import * as z from "zod";
import { adaptAgent } from "#adapters/adapt-agent.ts";
import { defineInterruptible } from "#adapters/define-interruptible.ts";
import type { Framework } from "#adapters/framework.ts";
import { MAX_CHECKPOINT_BYTES } from "#adapters/interruption.ts";
import { withApproval, type ApprovalOptions } from "#adapters/with-approval.ts";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, reply, sequence, step } from "#core/flow/build.ts";
import { lintFlows } from "#core/flow/lint.ts";
import type { Json } from "#core/json.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { writeSchema } from "../../../infra/bundling/write-schema.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";

const clerk = defineInterruptible({
  name: "clerk",
  // It drops what it does not know: the adapter gets its own sections all the same.
  input: z.object({ input: z.object({ text: z.string() }) }),
  output: z.object({ text: z.string() }),
});

/** Asks as often as its text says, and answers with all it was told. */
const asking: Framework = {
  run: ({ prompt, resumed }) => {
    const told = resumed === undefined ? [] : [...(resumed.checkpoint as readonly Json[]), resumed.answer];
    if (told.length < Number(prompt)) return Promise.resolve({ question: told.length, checkpoint: told });
    return Promise.resolve({ output: `${prompt}: ${JSON.stringify(told)}` });
  },
};

const flowOf = (options: Partial<ApprovalOptions> = {}) =>
  defineFlow({
    name: "asking",
    on: "Asked",
    plan: sequence(
      withApproval(clerk, { ask: "May it?", answer: z.json() as never, ...options }),
      reply("clerk"),
    ),
  });

function spineWith(options: Partial<ApprovalOptions> = {}, framework: Framework = asking) {
  const clock = createMovableClock(0);
  const spine = inProcessSpine({ flows: [flowOf(options)], agents: [adaptAgent(clerk, framework)], clock });
  const events = () => spine.reader.events(spine.key("one"));
  const caller = { tenant: spine.key("one").tenant, source: "somebody", rights: new Set(["answer"]) };
  return {
    clock,
    ask: async (text: string) => {
      await spine.send("Asked", { text }, { session: "one" });
      await spine.idle();
    },
    answer: async (value: Json) => {
      const asked = (await events()).filter(({ type }) => type === "HumanAsked").at(-1);
      await spine.ingress.answerHuman(caller as never, "one", (asked?.data as { ask: string }).ask, {
        value,
      });
      await spine.idle();
    },
    pass: async (ms: number) => {
      await clock.runBy(ms);
      await spine.idle();
    },
    reply: async () =>
      ((await events()).find(({ type }) => type === "ReplySent")?.data as { body?: Json } | undefined)?.body,
  };
}

describe("a contract whose agent may ask", () => {
  it("costs the functions that decide no code: its output is a JSON Schema, as far as the author's is", () => {
    const written = writeSchema(clerk.output);
    expect(written).toHaveProperty("schema");
    expect(JSON.stringify(written)).toContain('"interrupted"');
    expect(JSON.stringify(written)).not.toContain("$ref");
  });

  it("declares its questions as personal where its result is", () => {
    const personal = ["text"];
    const output = z.object({ text: z.string() });
    expect(defineInterruptible({ name: "one", output, personal }).spec.personal).toEqual([
      "text",
      "interrupted",
    ]);
    const none = { none: "It sees nobody." };
    expect(defineInterruptible({ name: "one", output, personal: none }).spec.personal).toEqual([]);
    expect(defineInterruptible({ name: "one", output }).spec.personal).toBeUndefined();
  });
});

describe("a step with approval", () => {
  it("is a plan without findings but for the missing fallbacks of its tasks", () => {
    expect(lintFlows([flowOf()], [clerk as never]).filter(({ rule }) => rule !== "no-fallback")).toEqual([]);
  });

  it.each([0, 11, 1.5, Number.NaN])("has 1 to 10 rounds, not %d", (rounds) => {
    expect(() => flowOf({ rounds })).toThrow(expect.objectContaining({ code: "flow.invalid" }));
  });

  it("is not too deep with as many rounds as it may have", () => {
    const found = lintFlows([flowOf({ rounds: 10 })], [clerk as never]);
    expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("is one task where nothing is asked", async () => {
    const spine = spineWith();
    await spine.ask("0");
    expect(await spine.reply()).toEqual({ text: "0: []" });
  });

  it.each([1, 2, 3])("goes on with the answer, %i times", async (times) => {
    const spine = spineWith();
    await spine.ask(String(times));
    for (let time = 0; time < times; time += 1) await spine.answer({ time });
    const told = Array.from({ length: times }, (_, time) => ({ time }));
    expect(await spine.reply()).toEqual({ text: `${times}: ${JSON.stringify(told)}` });
  });

  it("fails when its agent asks more often than it has rounds", async () => {
    const spine = spineWith({ rounds: 1 });
    await spine.ask("2");
    await spine.answer(true);
    expect(await spine.reply()).toMatchObject({ code: "agent.failed" });
  });

  it("begins anew in the session's next run", async () => {
    const spine = spineWith();
    await spine.ask("1");
    await spine.answer("yes");
    await spine.ask("0");
    expect(await spine.reply()).toEqual({ text: '1: ["yes"]' });
  });

  it("tells the agent what stands for an answer that did not come, in each round", async () => {
    const spine = spineWith({ timeoutMs: 60_000, unanswered: { approved: false } });
    await spine.ask("2");
    await spine.answer("yes");
    await spine.pass(61_000);
    expect(await spine.reply()).toEqual({ text: '2: ["yes",{"approved":false}]' });
  });

  it("fails when nobody answers in time", async () => {
    const spine = spineWith({ timeoutMs: 60_000 });
    await spine.ask("1");
    await spine.pass(61_000);
    expect(await spine.reply()).toMatchObject({ code: "step.timeout" });
  });

  it("refuses a checkpoint that is too large to travel", async () => {
    const checkpoint = "x".repeat(MAX_CHECKPOINT_BYTES);
    const spine = spineWith({}, { run: () => Promise.resolve({ question: "?", checkpoint }) });
    await spine.ask("1");
    expect(await spine.reply()).toMatchObject({ code: "agent.failed" });
  });

  it("is needed: the linter refuses a plain step", () => {
    const flow = defineFlow({ name: "plain", on: "Asked", plan: step(clerk) });
    const found = lintFlows([flow], [clerk as never]).filter(({ severity }) => severity === "error");
    expect(found.map(({ rule }) => rule)).toEqual(["unwritten-path"]);
  });

  it("is needed: an agent of another contract has nobody to ask", async () => {
    const plain = defineAgent({ name: "plain", output: z.object({ text: z.string() }) });
    const flow = defineFlow({ name: "plain", on: "Asked", plan: step(plain) });
    const spine = inProcessSpine({ flows: [flow], agents: [adaptAgent(plain, asking)] });
    await expect(spine.ask("Asked", { text: "1" })).rejects.toThrow(
      "Write withApproval(contract) in the plan",
    );
    await spine.close();
  });
});
