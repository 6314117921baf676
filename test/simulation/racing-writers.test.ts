import { describe, expect, it } from "vitest";
import { between } from "#memory/seeded-chance.ts";
import { everyOrder, raceProblem, raceWriters } from "#simulator/race.ts";

describe("writers that race for one session", () => {
  it("commit each input exactly once in every order of their reads and puts", async () => {
    const problems = new Set<string>();
    let contended = 0;
    const orders = await everyOrder(3, (result) => {
      const problem = raceProblem(result);
      if (problem !== undefined) problems.add(problem);
      if (result.lost > 0) contended += 1;
    });
    expect([...problems]).toEqual([]);
    // All six ways to go one after another, and at least as many in which somebody loses.
    expect(orders).toBeGreaterThan(90);
    expect(contended).toBeGreaterThan(orders / 2);
  });

  it.each(Array.from({ length: 10 }, (_, block) => block * 30))(
    "commit each of 20 inputs once in random orders, from seed %i",
    async (from) => {
      for (let seed = from; seed < from + 30; seed++) {
        let turns = 0;
        const result = await raceWriters(20, (waiting) => between(seed, `turn ${turns++}`, 0, waiting - 1));
        expect(raceProblem(result)).toBeUndefined();
      }
    },
  );
});
