import { ChangeMessageVisibilityBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSRecord } from "aws-lambda";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createObserver } from "#aws/observe/observe.ts";
import { createSqsProof } from "#aws/sqs/sqs-proof.ts";
import { mockedClient } from "./aws-mock.ts";

const sqs = mockedClient(SQSClient);
const lines: string[] = [];
beforeEach(() => {
  // The metric goes by spine, which a function's name tells.
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "spine-recovery");
  sqs.reset();
  lines.length = 0;
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => sqs.restore());

/** Only these fields of a record are read. */
const record = (queue: string, handle: string): SQSRecord =>
  ({
    messageId: `message of ${handle}`,
    receiptHandle: handle,
    eventSourceARN: `arn:aws:sqs:eu-west-1:1:${queue}`,
  }) as SQSRecord;

async function prove(records: readonly SQSRecord[]) {
  const observer = createObserver("recovery", { write: (line) => void lines.push(line) });
  const proof = createSqsProof({
    client: new SQSClient({ region: "eu-west-1" }),
    queuePrefix: "https://sqs.eu-west-1.amazonaws.com/1/spine-",
    observer,
  });
  // Only the id of a request is read from it.
  const unproven = await observer.invocation({ awsRequestId: "1" } as Context, {}, () =>
    proof(records, "letters"),
  );
  return [...unproven].map(({ receiptHandle }) => receiptHandle);
}
const madeUp = () =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => "MadeUpRecords" in line)?.[
    "MadeUpRecords"
  ];

describe("the proof that a queue sent a message", () => {
  it("asks each queue, ten at a time, and keeps known messages hidden", async () => {
    sqs
      .on(ChangeMessageVisibilityBatchCommand)
      .callsFake(({ Entries = [] }: { Entries?: readonly { Id: string }[] }) => ({
        Successful: Entries.map(({ Id }) => ({ Id })),
      }));
    const own = Array.from({ length: 12 }, (_, at) => record("spine-inbox-dead.fifo", `h${at}`));
    expect(await prove([...own, record("spine-intake-dead", "other")])).toEqual([]);
    const calls = sqs.commandCalls(ChangeMessageVisibilityBatchCommand).map(({ args: [{ input }] }) => input);
    expect(calls.map(({ QueueUrl, Entries }) => [QueueUrl?.split("/").at(-1), Entries?.length])).toEqual([
      ["spine-inbox-dead.fifo", 10],
      ["spine-inbox-dead.fifo", 2],
      ["spine-intake-dead", 1],
    ]);
    expect(calls[2]?.Entries).toEqual([{ Id: "0", ReceiptHandle: "other", VisibilityTimeout: 60 }]);
    expect(madeUp()).toBeUndefined();
  });

  it.each(["ReceiptHandleIsInvalid", "InvalidParameterValue"])(
    "rejects everything that a queue rejects, and counts it for an alarm: %s",
    async (Code) => {
      sqs
        .on(ChangeMessageVisibilityBatchCommand)
        .resolves({ Successful: [{ Id: "1" }], Failed: [{ Id: "0", Code, SenderFault: true }] });
      expect(
        await prove([record("spine-inbox-dead.fifo", "forged"), record("spine-inbox-dead.fifo", "own")]),
      ).toEqual(["forged"]);
      expect(madeUp()).toBe(1);
      expect(lines.join()).toContain(Code);
    },
  );

  it("lets messages that were received too long ago be redelivered, without an alarm", async () => {
    sqs
      .on(ChangeMessageVisibilityBatchCommand)
      .resolves({ Failed: [{ Id: "0", Code: "MessageNotInflight", SenderFault: true }], Successful: [] });
    expect(await prove([record("spine-inbox-dead.fifo", "late")])).toEqual(["late"]);
    expect(madeUp()).toBeUndefined();
  });

  it("accepts nothing while the queue cannot be asked, or does not mention a message", async () => {
    sqs
      .on(ChangeMessageVisibilityBatchCommand)
      .rejectsOnce(new Error("down"))
      .resolves({ Successful: [], Failed: [] });
    expect(await prove([record("spine-inbox-dead.fifo", "a")])).toEqual(["a"]);
    expect(await prove([record("spine-inbox-dead.fifo", "b")])).toEqual(["b"]);
    expect(madeUp()).toBeUndefined();
  });
});
