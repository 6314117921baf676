import { describe, expect, it } from "vitest";
import { createTurns } from "#local/turns.ts";

describe("turns", () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it("admit a bounded number at once, and the others when one leaves, lowest rank first", async () => {
    const turns = createTurns(2);
    const entered: string[] = [];
    const enter = async (name: string, rank: number) => {
      const leave = await turns.enter(rank);
      entered.push(name);
      return leave;
    };
    const [first] = await Promise.all([enter("a", 1), enter("b", 1)]);
    const later = [enter("third", 3), enter("first", 1), enter("also third", 3), enter("second", 2)];
    await settled();
    expect(entered).toEqual(["a", "b"]);
    first?.();
    (await later[1])?.();
    (await later[3])?.();
    (await later[0])?.();
    await later[2];
    expect(entered).toEqual(["a", "b", "first", "second", "third", "also third"]);
  });
});
