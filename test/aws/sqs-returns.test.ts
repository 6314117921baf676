import { ChangeMessageVisibilityBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { createSqsReturns } from "#aws/sqs/sqs-returns.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const sqs = mockedClient(SQSClient);

/** Only these fields of a record are read. */
const record = (id: string, group: string | undefined, receives = 1, queue = "spine-inbox.fifo"): SQSRecord =>
  ({
    messageId: id,
    receiptHandle: `handle of ${id}`,
    attributes: {
      ApproximateReceiveCount: String(receives),
      ...(group !== undefined && { MessageGroupId: group }),
    },
    eventSourceARN: `arn:aws:sqs:eu-west-1:1:${queue}`,
  }) as SQSRecord;

interface Sent {
  readonly QueueUrl: string;
  readonly Entries: readonly {
    readonly Id: string;
    readonly ReceiptHandle: string;
    readonly VisibilityTimeout: number;
  }[];
}
const sent = () => inputsOf(sqs) as readonly Sent[];

const make = () => {
  const troubles: string[] = [];
  const returnSoon = createSqsReturns({
    client: new SQSClient({}),
    queuePrefix: "https://sqs.eu-west-1.amazonaws.com/1/spine-",
    ids: createSeededIds("returns"),
    onTrouble: (error, what) => void troubles.push(`${what}: ${String(error)}`),
  });
  return { returnSoon, troubles };
};

beforeEach(() => {
  sqs.reset();
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
});

describe("messages that are returned to their queue", () => {
  it("are hidden for a second instead of their queue's visibility timeout, and no others are", async () => {
    const records = [record("m1", "a"), record("m2", "b"), record("m3", "b")];
    await make().returnSoon(records, ["m2", "m3"], "inputs");
    expect(sent()).toEqual([
      {
        QueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/spine-inbox.fifo",
        Entries: [
          { Id: "0", ReceiptHandle: "handle of m2", VisibilityTimeout: 1 },
          { Id: "1", ReceiptHandle: "handle of m3", VisibilityTimeout: 1 },
        ],
      },
    ]);
  });

  it("are hidden equally long within a group, as long as the one with the most receives", async () => {
    const records = [record("m1", "a", 5), record("m2", "a"), record("m3", "b")];
    await make().returnSoon(records, ["m1", "m2", "m3"], "inputs");
    const [first, second, third] = sent()[0]?.Entries.map(({ VisibilityTimeout }) => VisibilityTimeout) ?? [];
    expect(first).toBeGreaterThanOrEqual(12);
    expect(first).toBeLessThanOrEqual(16);
    expect(second).toBe(first);
    expect(third).toBe(1);
  });

  it("are delayed separately on a standard queue, ten in a request, at their own queue", async () => {
    const records = [
      ...Array.from({ length: 11 }, (_, n) => record(`m${n}`, undefined, 1, "spine-intake")),
      record("other", undefined, 1, "spine-deadlines"),
    ];
    await make().returnSoon(
      records,
      records.map(({ messageId }) => messageId),
      "events",
    );
    expect(sent().map(({ QueueUrl, Entries }) => [QueueUrl.split("/").at(-1), Entries.length])).toEqual([
      ["spine-intake", 10],
      ["spine-intake", 1],
      ["spine-deadlines", 1],
    ]);
  });

  it("cause no request when there are none", async () => {
    await make().returnSoon([record("m1", "a")], [], "inputs");
    expect(sent()).toEqual([]);
  });

  it("wait for their visibility timeout when it cannot be changed, which is only reported", async () => {
    sqs
      .on(ChangeMessageVisibilityBatchCommand)
      .rejectsOnce(awsError("TimeoutError", "late"))
      .resolves({ Failed: [{ Id: "0", Code: "MessageNotInflight", SenderFault: true }] });
    const { returnSoon, troubles } = make();
    await returnSoon([record("m1", "a")], ["m1"], "inputs");
    await returnSoon([record("m1", "a")], ["m1"], "inputs");
    expect(troubles).toEqual([
      "shortening the visibility timeout of messages of spine-inbox.fifo: TimeoutError: late",
      "shortening the visibility timeout of messages of spine-inbox.fifo: Error: 1 of 1: MessageNotInflight",
    ]);
  });
});
