import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventStreamReader } from "#console/model/sse-reader.ts";
import { runs } from "../support/runs.ts";

const STREAM =
  'retry: 500\n\n: alive\n\nid: 1\ndata: {"a":1}\n\nevent: progress\ndata: one\ndata: two\n\nid: 2\r\ndata:x\r\n\r\n';
const MESSAGES = [
  { id: "1", event: "message", data: '{"a":1}' },
  { event: "progress", data: "one\ntwo" },
  { id: "2", event: "message", data: "x" },
];

describe("a stream of server-sent events", () => {
  it("is read the same however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 6 }), (given) => {
        const cuts = [0, ...given.toSorted((one, other) => one - other), STREAM.length];
        const read = createEventStreamReader();
        expect(cuts.flatMap((cut, at) => read(STREAM.slice(cut, cuts[at + 1] ?? cut)))).toEqual(MESSAGES);
      }),
      { numRuns: runs(200) },
    );
  });

  it("gives a message when it is complete, and not before", () => {
    const read = createEventStreamReader();
    expect(read("data: 1\n")).toEqual([]);
    expect(read("\n")).toEqual([{ event: "message", data: "1" }]);
  });
});
