import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { LIVE_PAUSE_MS, type LiveRecord } from "#core/session/live/live-record.ts";
import type { LiveOutput } from "#ports/live-output.ts";

/** Holds an implementation of LiveOutput to the port's rules. */
export function describeLiveOutput(name: string, make: () => Promise<LiveOutput>): void {
  describe(`live output: ${name}`, () => {
    let sessions = 0;
    const newKey = () => parseSessionKey({ tenant: "acme", session: `live-${(sessions += 1)}` });
    const START = 1_800_000_000_000;
    const say = (task: string, n: number, rest: Partial<LiveRecord> = {}): LiveRecord => ({
      ...{ task, attempt: 1, run: "r", step: "plan", agent: "writer", n },
      text: `${n}`,
      ...rest,
    });

    it("keeps the newest record of each task, with all that it says, in the order of tasks", async () => {
      const [live, key] = [await make(), newKey()];
      const full = say("b", 1, { partial: { x: [1, null] }, data: "looking", text: "é\n" });
      await live.put(key, full, START);
      await live.put(key, say("a", 1), START);
      await live.put(key, say("a", 2), START + LIVE_PAUSE_MS);
      expect(await live.read(key)).toEqual([say("a", 2), full]);
    });

    it("passes over what comes late, twice, or too soon after the one before", async () => {
      const [live, key] = [await make(), newKey()];
      await live.put(key, say("a", 2), START);
      await live.put(key, say("a", 2, { text: "again" }), START + LIVE_PAUSE_MS);
      await live.put(key, say("a", 1), START + LIVE_PAUSE_MS);
      await live.put(key, say("a", 3), START + LIVE_PAUSE_MS - 1);
      expect(await live.read(key)).toEqual([say("a", 2)]);
    });

    it("begins anew with another attempt, and takes nothing from the one before any more", async () => {
      const [live, key] = [await make(), newKey()];
      await live.put(key, say("a", 9), START);
      await live.put(key, say("a", 1, { attempt: 2 }), START + 1);
      await live.put(key, say("a", 10), START + 5_000);
      expect(await live.read(key)).toEqual([say("a", 1, { attempt: 2 })]);
    });

    it("tells sessions and tenants apart", async () => {
      const [live, key] = [await make(), newKey()];
      await live.put(key, say("a", 1), START);
      expect(await live.read(newKey())).toEqual([]);
      expect(await live.read(parseSessionKey({ ...key, tenant: "other" }))).toEqual([]);
    });
  });
}
