import { describe, expect, it } from "vitest";
import { parseSessionKey, parseTaskId, type AttemptRef } from "#core/ids.ts";
import type { Heartbeats } from "#ports/agents.ts";

/** Holds an implementation of Heartbeats to the port's rules. */
export function describeHeartbeats(name: string, make: () => Promise<Heartbeats>): void {
  describe(`heartbeats: ${name}`, () => {
    const key = parseSessionKey({ tenant: "acme", session: "visit-1" });
    const first: AttemptRef = { ...key, task: parseTaskId("t-1"), attempt: 1 };
    const START = 1_800_000_000_000;

    it("keep the time of an attempt's last heartbeat", async () => {
      const beats = await make();
      await beats.beat(first, START);
      await beats.beat(first, START + 5_000);
      expect(await beats.last([first])).toEqual([START + 5_000]);
    });

    it("keep nothing for an attempt without a heartbeat", async () => {
      expect(await (await make()).last([{ ...first, task: parseTaskId("t-never") }])).toEqual([undefined]);
    });

    it("distinguish attempts, tasks, sessions and tenants, and return them in the requested order", async () => {
      const beats = await make();
      const others: readonly AttemptRef[] = [
        { ...first, attempt: 2 },
        { ...first, task: parseTaskId("t-2") },
        { ...first, ...parseSessionKey({ tenant: "acme", session: "visit-2" }) },
        { ...first, ...parseSessionKey({ tenant: "other", session: "visit-1" }) },
      ];
      for (const [place, other] of others.entries()) await beats.beat(other, START + place);
      expect(await beats.last([...others].reverse())).toEqual([START + 3, START + 2, START + 1, START]);
    });

    it("are visible to a read that starts after the write, from another process too", async () => {
      const beats = await make();
      const many = Array.from({ length: 20 }, (_, place) => ({ ...first, attempt: place + 10 }));
      await Promise.all(many.map((one) => beats.beat(one, START)));
      expect(await beats.last(many)).toEqual(many.map(() => START));
    });
  });
}
