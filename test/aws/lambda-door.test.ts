import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { createLambdaDoor } from "#aws/lambda/lambda-door.ts";
import { withTrace } from "#aws/observe/trace.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";
import { task, TRACEPARENT } from "./samples.ts";

const lambda = mockedClient(LambdaClient);
const door = createLambdaDoor({ client: new LambdaClient({}), functionName: "spine-door" });
const { tenant, session, task: id, attempt, token } = task({});
const proof = { tenant, session, task: id, attempt, token };
const outcome = { status: "ok" as const, result: { text: "Hello" } };

/** The SDK's payload type adds a method that no code of ours calls. */
const payload = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)) as never;

beforeEach(() => lambda.reset());

describe("the door by invocation", () => {
  it.each([
    ["look", () => door.look(proof), { op: "look", proof }, { go: true }],
    [
      "claim",
      () => door.claim(proof, "e-1"),
      { op: "claim", proof, execution: "e-1" },
      { go: false, because: "claimed" },
    ],
    [
      "answer",
      () => door.answer({ ...proof, outcome }),
      { op: "answer", answer: { ...proof, outcome } },
      { type: "recorded" },
    ],
  ])("asks it to %s, synchronously and with the task's trace", async (_, call, request, verdict) => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 200, Payload: payload({ ok: true, verdict }) });
    const trace = { traceparent: TRACEPARENT, correlation: "order-1" };
    expect(await withTrace<Promise<unknown>>(trace, call)).toEqual(verdict);
    const [sent] = inputsOf(lambda) as readonly { readonly Payload: Uint8Array }[];
    expect({ ...sent, Payload: JSON.parse(new TextDecoder().decode(sent?.Payload)) }).toEqual({
      FunctionName: "spine-door",
      InvocationType: "RequestResponse",
      Payload: { ...trace, ...request },
    });
  });

  it("rethrows a rejection as the door returned it", async () => {
    const error = {
      code: "task.token",
      message: "No.",
      problems: [{ field: "token", problem: "No", repair: "None." }],
      retryable: false,
    };
    lambda.on(InvokeCommand).resolves({ StatusCode: 200, Payload: payload({ ok: false, error }) });
    await expect(door.look(proof)).rejects.toMatchObject(error);
  });

  it.each([
    ["that broke", { FunctionError: "Unhandled", Payload: payload({ errorType: "Runtime.ExitError" }) }],
    [
      "that ran out of time",
      { FunctionError: "Unhandled", Payload: payload({ errorMessage: "Task timed out" }) },
    ],
    ["that answered something else", { Payload: payload("hello") }],
    ["that answered nothing", {}],
  ])("reports a door %s as retryable", async (_, response) => {
    lambda.on(InvokeCommand).resolves(response);
    await expect(door.answer({ ...proof, outcome })).rejects.toMatchObject({ retryable: true });
  });

  it.each(["TooManyRequestsException", "TimeoutError", "ServiceException", "AccessDeniedException"])(
    "reports %s as retryable",
    async (name) => {
      lambda.on(InvokeCommand).rejects(awsError(name));
      await expect(door.answer({ ...proof, outcome })).rejects.toMatchObject({ retryable: true });
    },
  );
});
