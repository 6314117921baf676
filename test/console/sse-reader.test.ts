import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messagesOf } from "#console/model/sse-reader.ts";
import { runs } from "../support/runs.ts";

const STREAM =
  'retry: 500\n\n: alive\n\nid: 1\ndata: {"a":1}\n\nevent: progress\ndata: one\ndata: two\n\nid: 2\r\ndata:x\r\n\r\n';
const MESSAGES = [
  { id: "1", event: "message", data: '{"a":1}' },
  { event: "progress", data: "one\ntwo" },
  { id: "2", event: "message", data: "x" },
];

async function* inParts(parts: readonly string[]): AsyncGenerator<string> {
  for (const part of parts) yield await Promise.resolve(part);
}

async function read(...parts: readonly string[]) {
  const messages = [];
  for await (const message of messagesOf(inParts(parts))) messages.push(message);
  return messages;
}

describe("a stream of server-sent events", () => {
  it("is read the same however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(STREAM.length), { maxLength: 6 }), async (given) => {
        const cuts = [0, ...given.toSorted((one, other) => one - other), STREAM.length];
        expect(await read(...cuts.map((cut, at) => STREAM.slice(cut, cuts[at + 1] ?? cut)))).toEqual(
          MESSAGES,
        );
      }),
      { numRuns: runs(200) },
    );
  });

  it("gives a message when it is complete, and not before", async () => {
    expect(await read("data: 1\n")).toEqual([]);
    expect(await read("data: 1\n", "\n")).toEqual([{ event: "message", data: "1" }]);
  });
});
