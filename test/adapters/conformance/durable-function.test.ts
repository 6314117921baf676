import { LocalDurableTestRunner } from "@aws/durable-execution-sdk-js-testing";
import type { DurableContext } from "@aws/durable-execution-sdk-js";
import type { Json } from "event-spine";
import { durableFunctionAgent } from "event-spine/adapters/durable-function";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeConformance } from "../support/describe-conformance.ts";
import { DESK, spineAround, taskOf, type DeskContract } from "../support/desk.ts";
import { durableLambda } from "../support/durable-lambda.ts";
import { CALL, LOOK, SEAT, World } from "../support/script.ts";

interface Answer {
  readonly text?: string;
  readonly asks?: Json;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}
interface Payload {
  readonly resumed?: { readonly answer: { readonly approved: boolean } };
}

/** A durable function of AWS's own SDK: each call of its model and of its tools is a step. */
const assistant =
  (world: World) =>
  async (event: Payload, context: DurableContext): Promise<Answer> => {
    if (event.resumed?.answer.approved === true) await context.step("pay", () => world.use("pay"));
    for (let calls = 1; ; calls += 1) {
      const said = await context.step(`model ${calls}`, () => Promise.resolve(world.next()));
      const usage = { inputTokens: calls * CALL.inputTokens, outputTokens: calls * CALL.outputTokens };
      if ("text" in said) return { text: said.text.join(""), usage };
      if (said.tool === "pay") return { asks: { pay: said.input as Json }, usage };
      await context.step(`tool ${calls}`, () => world.use(said.tool));
    }
  };

const functionArn = "arn:aws:lambda:eu-west-1:111122223333:function:desk:live";

/** The agent of a task's process. Lambda, which runs the function, is the same for all of them. */
function agentOf(contract: DeskContract, lambda: ReturnType<typeof durableLambda>) {
  return durableFunctionAgent(contract, {
    functionArn,
    call: lambda.call,
    usage: (answer) => (answer as unknown as Answer).usage,
    asks(answer) {
      const { asks } = answer as unknown as Answer;
      return asks === undefined ? undefined : { question: asks, checkpoint: {} };
    },
    result: (answer) => ({ text: (answer as Answer).text ?? "" }),
  });
}

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment());
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

const lambdas = new WeakMap<World, ReturnType<typeof durableLambda>>();
describeConformance("a Lambda durable function", {
  lacks: ["streaming", "stopping", "forgetting"],
  start(world, contract) {
    const lambda = lambdas.get(world) ?? durableLambda(assistant(world));
    lambdas.set(world, lambda);
    return agentOf(contract, lambda);
  },
});

describe("a Lambda durable function", () => {
  it("goes on while nobody waits for it: the next attempt finds its execution, and no step runs twice", async () => {
    const world = new World(LOOK, SEAT);
    const { promise: hangs, resolve: act } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    world.afterTool = () => {
      act();
      return released;
    };
    const lambda = durableLambda(assistant(world));
    const spine = spineAround(agentOf(DESK, lambda), hangs);
    await spine.ask();
    await spine.clock.runBy(61_000);
    release();
    await spine.pass(120_000);
    expect(await spine.reply()).toEqual({ text: "Seat 3a is yours." });
    expect(lambda.called.length).toBeGreaterThan(1);
    expect(lambda.started).toHaveLength(1);
    expect(world.ran).toEqual(["look"]);
    expect(world.modelCalls).toBe(2);
    await spine.close();
  });

  it("that gets another payload for the same task runs anew", async () => {
    const lambda = durableLambda(assistant(new World(SEAT)));
    const agent = agentOf(DESK, lambda);
    await agent.run(taskOf().task);
    await agent.run(taskOf({ context: { input: { text: "Book two." } } as never }).task);
    expect(lambda.started).toHaveLength(2);
  });

  it("cannot be called without a version or an alias, which Lambda asks for", async () => {
    const { call } = durableLambda(assistant(new World(SEAT)));
    const functionName = functionArn.replace(":live", "");
    const { signal } = new AbortController();
    await expect(call({ functionName, payload: "{}", executionName: "one", signal })).rejects.toMatchObject({
      code: "agent.failed",
      retryable: false,
    });
  });
});
