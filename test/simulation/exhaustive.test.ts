import { describe, expect, it } from "vitest";
import { exhaust } from "#simulator/exhaustive.ts";
import { sampleSessions } from "#simulator/small-sessions.ts";
import { customerCareSession } from "../../scripts/sim/customer-care-session.ts";

const named = (wanted: string) => {
  const session = sampleSessions().find(({ name }) => name === wanted);
  if (session === undefined) throw new RangeError(`No session is named ${wanted}.`);
  return session;
};

describe("a session with a fault at every call", () => {
  it.each([named("order"), named("urgent"), customerCareSession()])(
    "keeps every promise and ends as without the crash: $name",
    async (session) => {
      const { failed, calls, singles, same, byPolicy } = await exhaust(session);
      expect(failed.flatMap(({ violations, faults }) => [...violations, ...faults])).toEqual([]);
      expect(calls).toBeGreaterThan(30);
      expect(singles).toBeGreaterThan(2 * calls);
      // Few crashes cost an agent its time.
      expect(same).toBeGreaterThan(10 * byPolicy);
    },
  );

  it("keeps every promise when two calls fail", async () => {
    const { failed, pairs, allPairs } = await exhaust(named("any"), { pairs: 100 });
    expect(failed).toEqual([]);
    expect(pairs).toBeGreaterThan(50);
    expect(pairs).toBeLessThan(allPairs);
  });
});
