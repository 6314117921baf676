import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createScorersHandler } from "#aws/lambda/host-scorers.ts";
import { createObserver } from "#aws/observe/observe.ts";
import type { ScorePublished } from "#runtime/scoring/create-scoring.ts";
import { advance } from "./samples.ts";

const NOW = 1_900_000_000_000;
// Only these are read from it.
const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 60_000 } as Context;
/** Only these fields of a record are read. */
const record = (messageId: string, body: unknown) =>
  ({ messageId, body: typeof body === "string" ? body : JSON.stringify(body) }) as SQSRecord;

describe("the function of scorers", () => {
  const event: SQSEvent = {
    Records: [
      record("a1", advance({ session: "a", first: 1, last: 2 })),
      record("b1", advance({ session: "b", first: 1, last: 1 })),
      record("a2", advance({ session: "a", first: 3, last: 3 })),
      record("c1", advance({ session: "c", first: 1, last: 1 })),
      record("x", "no publication"),
    ],
  };
  const lines: string[] = [];
  const observer = createObserver("scorers", { write: (line) => void lines.push(line) });
  const handle = async (score: ScorePublished): Promise<readonly string[]> => {
    const { batchItemFailures } = await createScorersHandler(score, observer, { now: () => NOW })(
      event,
      context,
    );
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };

  it("returns a message that something went wrong with, one that cannot be read, and none beside them", async () => {
    const failed = await handle(({ session }, { first }) =>
      session === "c"
        ? Promise.reject(new Error("the log is down"))
        : Promise.resolve(session === "a" && first === 1 ? [new Error("a scorer threw")] : []),
    );
    expect(failed).toEqual(["a1", "c1", "x"]);
    const text = lines.join("\n");
    for (const told of ["a scorer threw", "the log is down"]) expect(text).toContain(told);
  });

  it("leaves itself time to keep what others said when a scorer hangs", async () => {
    const untils: number[] = [];
    await handle((_key, _advance, until) => {
      untils.push(until);
      return Promise.resolve([]);
    });
    expect(new Set(untils)).toEqual(new Set([NOW + 58_000]));
  });
});
