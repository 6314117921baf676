import { AssertionError } from "node:assert/strict";
import * as z from "zod/mini";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, human, sequence, step } from "#core/flow/build.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { scripted } from "#testing/agents/scripted-agent.ts";
import { given, sha256Digest } from "#testing/given-when-then.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { expectSession, sessionMatchers } from "#testing/sessions/expect-session.ts";
import { readSession } from "#testing/sessions/told-session.ts";

const retries = { max: 1, backoffMs: 0 };
const greeter = defineAgent({ name: "greeter", output: z.object({ text: z.string() }), retries });
const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
const asking = defineFlow({
  name: "asking",
  on: "VisitAsked",
  plan: sequence(human({ ask: "Which day?" }), step(greeter)),
});
const flows = [greeting, asking];
const HELLO = { text: "Hello Ada" };

async function greeted(script = scripted(greeter).answers(HELLO)) {
  const spine = inProcessSpine({ flows, agents: [script] });
  await spine.ask("GreetingAsked", { who: "Ada" }, { session: "s1" }).catch(() => undefined);
  const session = await readSession(spine, "s1");
  await spine.close();
  return session;
}

const thrownBy = (check: () => unknown): AssertionError => {
  try {
    check();
  } catch (error) {
    if (error instanceof AssertionError) return error;
  }
  throw new Error("It threw no AssertionError.");
};

describe("an expectation of a session", () => {
  it("holds for what happened, one after another", async () => {
    const session = await greeted();
    expectSession(session)
      .toHaveReplied(HELLO)
      .toHaveReplied((body) => JSON.stringify(body).includes("Ada"))
      .toHaveRecorded("RunStarted", ["AnswerApplied", { attempt: 1 }], "RunCompleted")
      .toHaveCalled("greeter", 1)
      .toHaveCompleted("greeting")
      .toHaveContext("greeter.text", "Hello Ada")
      .toHaveContext("greeter")
      .not.toHaveFailed()
      .not.toAsk()
      .not.toHaveCalled("closer")
      .not.toHaveReplied("Hello Ada");
  });

  it("holds for a world, and for what was done in one", () => {
    const application = defineApplication({ flows }, sha256Digest);
    const done = given(application).when((world) => world.event("VisitAsked", {}));
    expectSession(done).toAsk("Which day?").not.toHaveReplied();
    done.world.person("Monday");
    expectSession(done.world).not.toAsk();
  });

  it("holds for what failed", async () => {
    const session = await greeted(scripted(greeter).fails());
    expectSession(session).toHaveFailed("agent.failed").toHaveCalled("greeter", 2).not.toHaveReplied();
  });

  it("tells with its failure what happened, line by line", async () => {
    const session = await greeted();
    const { message } = thrownBy(() => expectSession(session).toHaveReplied({ text: "Hi" }));
    expect(message).toMatch(/^Expected session s1 to have replied "Hi": it replied "Hello Ada"\.\n\n━━ s1 ━/);
    expect(message).toContain(session.timeline);
    expect(message).toMatch(/ 1 +0 +in-process +GreetingAsked/);
  });

  it.each<[string, (of: ReturnType<typeof expectSession>) => unknown]>([
    ['not to have replied: it replied "Hello Ada".', (of) => of.not.toHaveReplied()],
    [
      "to have called greeter 2 times: it called greeter once, and of all agents greeter.",
      (of) => of.toHaveCalled("greeter", 2),
    ],
    ["to have completed asking: it completed greeting.", (of) => of.toHaveCompleted("asking")],
    [
      "to have failed with run.timeout: its runs failed with nothing.",
      (of) => of.toHaveFailed("run.timeout"),
    ],
    ['to ask "Which day?": it asks nothing.', (of) => of.toAsk("Which day?")],
    ['to have "Hi" at greeter.text: there is "Hello Ada".', (of) => of.toHaveContext("greeter.text", "Hi")],
    [
      "to have recorded RunCompleted, then RunStarted: RunStarted is not behind the others.",
      (of) => of.toHaveRecorded("RunCompleted", "RunStarted"),
    ],
    [
      "to have recorded AnswerApplied {attempt: 2}: AnswerApplied {attempt: 2} is not in the log.",
      (of) => of.toHaveRecorded(["AnswerApplied", { attempt: 2 }]),
    ],
  ])("says %s", async (problem, check) => {
    const session = await greeted();
    expect(thrownBy(() => check(expectSession(session))).message).toContain(`Expected session s1 ${problem}`);
  });

  it("says of a session without events that it has none", async () => {
    const spine = inProcessSpine({ flows, agents: [scripted(greeter)] });
    const none = await readSession(spine, "nobody");
    expect(thrownBy(() => expectSession(none).toHaveReplied()).message).toMatch(/received no events/);
    await spine.close();
  });
});

describe("the matchers for a test runner", () => {
  it("say the same", async () => {
    const session = await greeted();
    expect.extend(sessionMatchers);
    const extended = () => expect(session) as unknown as ReturnType<typeof expectSession>;
    extended().toHaveReplied(HELLO);
    extended().not.toHaveFailed();
    expect(() => extended().toHaveReplied("Hi")).toThrow(
      /^Expected session s1 to have replied "Hi"[^]*━━ s1/,
    );
    expect(() => extended().not.toHaveReplied()).toThrow(/^Expected session s1 not to have replied[^]*━━ s1/);
  });
});
