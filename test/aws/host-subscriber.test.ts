import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createSubscriberHandler } from "#aws/lambda/host-subscriber.ts";
import { createObserver } from "#aws/observe/observe.ts";
import type { Deliver } from "#runtime/relay/create-subscriber.ts";
import { advance } from "./samples.ts";

// Only the id of a request is read from it.
const context = { awsRequestId: "request-1" } as Context;

/** Only these fields of a record are read. */
const record = (messageId: string, body: unknown) =>
  ({ messageId, body: typeof body === "string" ? body : JSON.stringify(body) }) as SQSRecord;
const batch = (...records: readonly SQSRecord[]): SQSEvent => ({ Records: [...records] });

describe("a subscriber's function", () => {
  const records = batch(
    record("a1", advance({ session: "a", first: 1, last: 2 })),
    record("b1", advance({ session: "b", first: 1, last: 1 })),
    record("a2", advance({ session: "a", first: 3, last: 3 })),
    record("x", "no publication"),
  );

  it("receives each session's commits together, in order", async () => {
    const delivered: string[] = [];
    const deliver: Deliver = ({ session }, advances) => {
      delivered.push(`${session} ${advances.map(({ first }) => first).join(",")}`);
      return Promise.resolve();
    };
    await createSubscriberHandler(deliver, createObserver("test", { write: () => undefined }))(
      records,
      context,
    );
    expect(delivered.toSorted()).toEqual(["a 1,3", "b 1"]);
  });

  it("returns all messages of a session that failed, an unreadable one, and no others", async () => {
    const deliver: Deliver = ({ session }) =>
      session === "a" ? Promise.reject(new Error("the index is down")) : Promise.resolve();
    const { batchItemFailures } = await createSubscriberHandler(
      deliver,
      createObserver("test", { write: () => undefined }),
    )(records, context);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted()).toEqual([
      "a1",
      "a2",
      "x",
    ]);
  });
});
