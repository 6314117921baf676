import { describe, expect, it } from "vitest";
import type { Json } from "#core/json.ts";
import type { History } from "#simulator/checks/history.ts";
import { compareEnds } from "#simulator/compare.ts";

const input = (id: string) => ({ source: "web", id, hash: id });
/** Two tasks side by side, one of which an urgent event fences, and a reply. */
function historyOf(fenced: string, reply: Json): History {
  const events = [
    { type: "InputAccepted", data: { input: input("asked"), disposition: "started" } },
    { type: "TaskCreated", data: { task: "t1", step: "plan/0" } },
    { type: "TaskCreated", data: { task: "t2", step: "plan/1" } },
    { type: "InputAccepted", data: { input: input("urgent"), disposition: "started" } },
    { type: "AttemptFenced", data: { task: fenced, attempt: 1 } },
    { type: "ReplySent", data: { to: 1, body: reply } },
  ].map((event, at) => ({ ...event, sequence: at + 1 }));
  // All of a history that the comparison looks at.
  return { events, final: { context: {} } } as unknown as History;
}

describe("two runs of a session", () => {
  it("end with the same result whatever happened on the way", () => {
    expect(compareEnds(historyOf("t1", "yes"), historyOf("t2", "yes"))).toBe("same");
  });

  it("may end differently when other work was fenced", () => {
    expect(compareEnds(historyOf("t1", "yes"), historyOf("t2", "no"))).toBe("policy");
  });

  it("may not end differently when their logs do not differ", () => {
    expect(compareEnds(historyOf("t1", "yes"), historyOf("t1", "no"))).toBe("different");
  });
});
