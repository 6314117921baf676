import { describe, expect, it } from "vitest";
import { endOf, NOTHING_SAID, saidIn, withoutEnded, withSaid, type Said } from "#console/model/live-said.ts";
import { outlines } from "./support/outlines.ts";

const frame = (more: object = {}) =>
  JSON.stringify({
    ...{ task: "t", attempt: 1, run: "r", step: "plan/1", agent: "reply", n: 2, text: "Dear" },
    ...more,
  });
const said = (more: Partial<Said> = {}): Said => ({
  ...{ task: "t", attempt: 1, run: "r", agent: "reply", n: 1, text: "Dear", ...more },
});
const texts = (all: Iterable<readonly [string, Said]>) =>
  [...all].map(([task, { text }]) => `${task} ${text}`);

describe("a frame of live output", () => {
  it("has the text so far, or as JSON what else is shown", () => {
    expect(saidIn(frame())).toEqual(said({ n: 2 }));
    expect(saidIn(frame({ text: undefined, partial: { a: 1 } }))?.text).toBe('{"a":1}');
    expect(saidIn(frame({ text: undefined, data: [1] }))?.text).toBe("[1]");
  });

  it.each(["", "half a word", "[]", "{}", frame({ task: 1 }), frame({ n: "1" }), frame({ text: undefined })])(
    "that reads %j is none",
    (data) => {
      expect(saidIn(data)).toBeUndefined();
    },
  );
});

describe("what agents say", () => {
  it("is the newest of each task, whatever comes late", () => {
    let all = NOTHING_SAID;
    for (const one of [
      said(),
      said({ n: 3, text: "Dear Ada, your" }),
      said({ n: 2, text: "Dear Ada" }),
      said({ task: "u", text: "Meanwhile" }),
    ])
      all = withSaid(all, one);
    expect(texts(all)).toEqual(["t Dear Ada, your", "u Meanwhile"]);
    expect(texts(withSaid(all, said({ attempt: 2, n: 1, text: "Again" })))).toContain("t Again");
  });

  it.each([
    [{ type: "AnswerApplied", task: "t", attempt: 2 }, []],
    [{ type: "ValueFilled", task: "t" }, []],
    [{ type: "AttemptFailed", task: "t", attempt: 2 }, []],
    [{ type: "RunCancelled", run: "r" }, []],
    [{ type: "AttemptTimedOut", task: "t", attempt: 1 }, ["t Dear"]],
    [{ type: "AnswerApplied", task: "u", attempt: 2 }, ["t Dear"]],
    [{ type: "RunCompleted", run: "other" }, ["t Dear"]],
    [{ type: "AttemptDispatched", task: "t", attempt: 2 }, ["t Dear"]],
  ])("is forgotten when the log has what its attempt came to: %j", (event, left) => {
    const all = withSaid(NOTHING_SAID, said({ attempt: 2 }));
    expect(texts(withoutEnded(all, outlines(event)))).toEqual(left);
  });

  it("is cut at its beginning where there is little room", () => {
    expect(endOf("Dear Ada", 8)).toBe("Dear Ada");
    expect(endOf("Dear Ada", 4)).toBe("…Ada");
  });
});
