import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, it } from "vitest";
import { createSfnExecutions } from "#aws/step-functions/sfn-executions.ts";
import { createSqsDeadlines } from "#aws/sqs/sqs-deadlines.ts";
import { createStepFunctionsDeadlines } from "#aws/step-functions/step-functions-deadlines.ts";
import { parseSessionKey } from "#core/ids.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const [sqs, sfn] = [mockedClient(SQSClient), mockedClient(SFNClient)];
const digest = createNodeDigest();
const clock = { now: () => Date.UTC(2030, 0, 1) };
const key = parseSessionKey({ tenant: "acme", session: "s-1" });
const MACHINE = "arn:aws:states:eu-west-1:1:stateMachine:deadlines";
const executions = createSfnExecutions({ client: new SFNClient({}), stateMachine: MACHINE });
const deadlines = createStepFunctionsDeadlines({
  executions,
  near: createSqsDeadlines({ client: new SQSClient({}), queuePrefix: "https://sqs/1/spine-", clock }),
  digest,
  clock,
});
const MINUTES = 60_000;

beforeEach(() => {
  sqs.reset();
  sfn.reset();
  sqs.on(SendMessageBatchCommand).resolves({});
  sfn.on(StartExecutionCommand).resolves({});
});

describe("a deadline", () => {
  it("of up to 15 minutes is a delayed message", async () => {
    await deadlines.arm(key, clock.now() + 15 * MINUTES);
    expect(inputsOf(sqs)).toHaveLength(1);
    expect(inputsOf(sfn)).toEqual([]);
  });

  it("beyond that is an execution that waits until the next whole second, named by session and time", async () => {
    const at = clock.now() + 15 * MINUTES + 1;
    await deadlines.arm(key, at);
    expect(inputsOf(sqs)).toEqual([]);
    expect(inputsOf(sfn)).toEqual([
      {
        stateMachineArn: MACHINE,
        name: digest.sha256(`acme/s-1/${at}`),
        input: JSON.stringify({
          until: "2030-01-01T00:15:01.000Z",
          body: JSON.stringify({ tenant: "acme", session: "s-1", at }),
        }),
      },
    ]);
  });

  it("that is armed twice exists once", async () => {
    sfn.on(StartExecutionCommand).rejects(awsError("ExecutionAlreadyExists"));
    await expect(deadlines.arm(key, clock.now() + 60 * MINUTES)).resolves.toBeUndefined();
  });

  it("a year ahead ends its execution within the year, and is then sent on", async () => {
    await deadlines.arm(key, clock.now() + 366 * 1_440 * MINUTES);
    const [started] = inputsOf(sfn) as readonly { readonly input: string }[];
    expect(JSON.parse(started?.input ?? "")).toMatchObject({ until: "2030-12-31T00:00:00.000Z" });
  });
});

describe("starting an execution", () => {
  it("reports whether its name was used before", async () => {
    expect(await executions.start("letters-1", { round: 1 })).toBe("running");
    sfn.on(StartExecutionCommand).rejects(awsError("ExecutionAlreadyExists"));
    expect(await executions.start("letters-1", { round: 1 })).toBe("closed");
  });

  it("is retryable when Step Functions throttles it", async () => {
    sfn.on(StartExecutionCommand).rejects(awsError("ThrottlingException"));
    const starting = executions.start("letters-1", {});
    await expect(starting).rejects.toMatchObject({ code: "log.unavailable", retryable: true });
  });
});
