import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { bedrockAgent } from "#adapters/from-bedrock.ts";
import { defineInterruptible } from "#adapters/define-interruptible.ts";
import { durableFunctionAgent } from "#adapters/from-durable-function.ts";
import { lambdaAgent } from "#adapters/from-lambda.ts";
import { createFunctionCaller } from "#aws/lambda/call-function.ts";
import { answered, defineAgent } from "#core/contract.ts";
import type { Json } from "#core/json.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const lambda = mockedClient(LambdaClient);
const call = createFunctionCaller(new LambdaClient({}));
beforeEach(() => lambda.reset());

const ARN = "arn:aws:lambda:eu-west-1:111122223333:function:scoring";
const scorer = defineAgent({ name: "scorer", output: z.looseObject({}) });
const bytes = (text: string) => new TextEncoder().encode(text) as never;

const taskWith = (context: object, idempotencyKey = "key-1") =>
  ({ context, idempotencyKey, signal: new AbortController().signal, progress: () => undefined }) as never;

describe("a Lambda function as an agent", () => {
  const agent = lambdaAgent(scorer, { functionArn: ARN, call });

  it("is called with the view, and returns the result", async () => {
    lambda.on(InvokeCommand).resolves({ Payload: bytes('{"score":3}') });
    expect(await agent.run(taskWith({ input: { text: "a" } }))).toEqual(answered({ result: { score: 3 } }));
    expect(inputsOf(lambda)).toEqual([
      { FunctionName: ARN, InvocationType: "RequestResponse", Payload: bytes('{"input":{"text":"a"}}') },
    ]);
  });

  it("gets the payload that a function makes of the view", async () => {
    lambda.on(InvokeCommand).resolves({ Payload: bytes("{}") });
    const mapped = lambdaAgent(scorer, {
      functionArn: ARN,
      call,
      payload: (view: { input: string }, { idempotencyKey }: { idempotencyKey: string }) => ({
        body: view.input,
        id: idempotencyKey,
      }),
    } as never);
    await mapped.run(taskWith({ input: "a" }));
    expect(inputsOf(lambda)).toMatchObject([{ Payload: bytes('{"body":"a","id":"key-1"}') }]);
  });

  it.each([
    ['{"statusCode":200,"body":"{\\"score\\":3}"}', undefined],
    ['{"statusCode":503,"body":"Ada"}', { retryable: true }],
    ['{"statusCode":404,"body":"Ada"}', { retryable: false }],
  ])("may answer as behind a URL: %s", async (payload, failure) => {
    lambda.on(InvokeCommand).resolves({ Payload: bytes(payload) });
    const running = Promise.resolve(agent.run(taskWith({})));
    if (failure === undefined) expect(await running).toEqual(answered({ result: { score: 3 } }));
    else await expect(running).rejects.toMatchObject({ code: "agent.failed", ...failure });
  });

  it("that fails may be tried again, and its words stay where they were logged", async () => {
    const Payload = bytes('{"errorType":"TypeError","errorMessage":"Ada has no seat"}');
    lambda.on(InvokeCommand).resolves({ FunctionError: "Unhandled", Payload });
    const failure = { retryable: true, message: "The function failed: Unhandled TypeError." };
    await expect(Promise.resolve(agent.run(taskWith({})))).rejects.toMatchObject(failure);
  });

  it.each([
    ["TooManyRequestsException", true],
    ["TimeoutError", true],
    ["AccessDeniedException", false],
    ["ResourceNotFoundException", false],
    ["DurableExecutionAlreadyStartedException", false],
  ])("that cannot be called fails: %s", async (name, retryable) => {
    lambda.on(InvokeCommand).rejects(awsError(name));
    await expect(Promise.resolve(agent.run(taskWith({})))).rejects.toMatchObject({
      code: "agent.failed",
      retryable,
    });
  });

  it("says what it cost, asks, and is called again with what a person answered", async () => {
    lambda.on(InvokeCommand).resolves({ Payload: bytes('{"ask":{"amount":40},"tokens":7}') });
    const payer = defineInterruptible({ name: "payer", output: z.object({ paid: z.boolean() }) });
    const asking = lambdaAgent(payer, {
      functionArn: ARN,
      call,
      usage: (answer) => ({ tokens: (answer as { readonly tokens: number }).tokens }),
      asks: (answer) => ({ question: (answer as { readonly ask: Json }).ask, checkpoint: { at: 1 } }),
    });
    const interrupted = { question: { amount: 40 }, checkpoint: { at: 1 } };
    const asked = { input: 1, payer_approval: { roundsLeft: 2 } };
    expect(await asking.run(taskWith(asked))).toEqual(
      answered({ result: { interrupted } as never, usage: { tokens: 7 } }),
    );
    const answer = { approved: true };
    await asking.run(
      taskWith({ input: 1, payer: { interrupted }, payer_approval: { roundsLeft: 1, answer } }),
    );
    const { Payload = "" } = inputsOf(lambda).at(-1) as { readonly Payload?: Uint8Array };
    expect(JSON.parse(new TextDecoder().decode(Payload as Uint8Array))).toMatchObject({
      input: 1,
      resumed: { answer, checkpoint: { at: 1 } },
    });
  });

  it("must be named by its ARN", () => {
    expect(() => lambdaAgent(scorer, { functionArn: "scoring" })).toThrow(
      expect.objectContaining({ code: "setting.invalid" }),
    );
  });
});

describe("a durable function as an agent", () => {
  const agent = durableFunctionAgent(scorer, { functionArn: `${ARN}:live`, call });
  const nameOf = async (context: object, key?: string) => {
    lambda.reset();
    lambda.on(InvokeCommand).resolves({ Payload: bytes("{}") });
    await agent.run(taskWith(context, key));
    return (inputsOf(lambda)[0] as { readonly DurableExecutionName: string }).DurableExecutionName;
  };

  it("finds its execution again by the task's key and the payload, and another task does not", async () => {
    const first = await nameOf({ input: 1 });
    expect(first).toMatch(/^[\da-f]{64}$/);
    expect(await nameOf({ input: 1 })).toBe(first);
    expect(await nameOf({ input: 2 })).not.toBe(first);
    expect(await nameOf({ input: 1 }, "key-2")).not.toBe(first);
  });

  it("must be named with a version or an alias", () => {
    expect(() => durableFunctionAgent(scorer, { functionArn: ARN })).toThrow(
      expect.objectContaining({ code: "setting.invalid" }),
    );
  });
});

describe("a Bedrock model as an agent", () => {
  it("is asked for what the contract promises, and reports what it took", async () => {
    const asked: unknown[] = [];
    const model = {
      ask: (question: object) => {
        asked.push(question);
        return Promise.resolve({ value: { score: 3 }, usage: { inputTokens: 4, outputTokens: 2 } });
      },
    };
    const agent = bedrockAgent(scorer, { modelId: "m", system: "Score it.", model: model as never });
    const answer = await agent.run(taskWith({ input: { text: "a" } }));
    expect(answer).toEqual(answered({ result: { score: 3 }, usage: { inputTokens: 4, outputTokens: 2 } }));
    expect(asked).toMatchObject([
      { system: "Score it.", content: "a", answer: scorer.output, maxTokens: 1_024 },
    ]);
  });
});
