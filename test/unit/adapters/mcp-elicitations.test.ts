import { describe, expect, it } from "vitest";
import type { Json } from "#core/json.ts";
import type { Asking } from "#adapters/framework.ts";
import { elicitationsOf, elicitedBy, type McpElicited } from "#adapters/mcp-elicitations.ts";

/** Plays a turn in which a server asks these questions, until one is for a person. */
async function turn(
  questions: readonly string[],
  before?: { readonly asking: Asking; readonly answer: Json },
): Promise<{ readonly key: string; readonly told: readonly McpElicited[]; readonly asking?: Asking }> {
  let asking: Asking | undefined;
  const resumed = before && { checkpoint: before.asking.checkpoint, answer: before.answer };
  const key = before === undefined ? "first" : "later";
  const ask = (asked: Asking): void => void (asking = asked);
  const elicitations = elicitationsOf(key, resumed, { told: elicitedBy, ask });
  const told: McpElicited[] = [];
  for (const message of questions) {
    const answering = elicitations.answer({ message, requestedSchema: { type: "object" } });
    if (asking !== undefined) break;
    told.push(await answering);
  }
  return { key: elicitations.key, told, ...(asking !== undefined && { asking }) };
}

const asked = (turned: { readonly asking?: Asking }): Asking => {
  if (turned.asking === undefined) throw new Error("Nobody was asked.");
  return turned.asking;
};

describe("questions in the middle of a call", () => {
  it("are answered in the order in which they were asked, under the first turn's key", async () => {
    const first = await turn(["May I?", "May I?"]);
    expect(first.told).toEqual([]);
    const second = await turn(["May I?", "May I?"], { asking: asked(first), answer: { seat: "3a" } });
    expect(second).toMatchObject({
      key: "first",
      told: [{ action: "accept", content: { seat: "3a" } }],
    });
    const third = await turn(["May I?", "May I?"], { asking: asked(second), answer: { approved: false } });
    expect(third).toEqual({
      key: "first",
      told: [{ action: "accept", content: { seat: "3a" } }, { action: "decline" }],
    });
  });

  it("that are others the next time are asked anew: no answer is given to a question that nobody saw", async () => {
    const first = await turn(["May I pay 40?"]);
    const second = await turn(["May I pay 4000?"], { asking: asked(first), answer: { approved: true } });
    expect(second.told).toEqual([]);
    expect(asked(second).question).toMatchObject({ message: "May I pay 4000?" });
    const third = await turn(["May I pay 4000?"], { asking: asked(second), answer: { approved: true } });
    expect(third.told).toEqual([{ action: "accept", content: {} }]);
  });

  it("cannot go on from what is no checkpoint of theirs", () => {
    const resumed = { checkpoint: { taskId: "1" }, answer: null };
    const nobody = { told: elicitedBy, ask: () => undefined };
    expect(() => elicitationsOf("key", resumed, nobody)).toThrow();
  });
});

describe("what a person answered", () => {
  it.each<[Json, McpElicited]>([
    [
      { approved: true, reason: "Cheap." },
      { action: "accept", content: {} },
    ],
    [
      { approved: true, content: { seat: "3a" } },
      { action: "accept", content: { seat: "3a" } },
    ],
    [{ approved: false, reason: "Too dear." }, { action: "decline" }],
    [
      { seat: "3a", reason: "By the window." },
      { action: "accept", content: { seat: "3a", reason: "By the window." } },
    ],
    ["yes", { action: "accept" }],
  ])("%j is told as %j", (answer, told) => {
    expect(elicitedBy(answer)).toEqual(told);
  });
});
