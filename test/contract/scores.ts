import { describe, expect, it } from "vitest";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import { scoreOrder, type KeptScore } from "#core/scoring/kept-score.ts";
import type { Scores } from "#ports/scores.ts";

/** Holds an implementation of Scores to the port's rules. */
export function describeScores(name: string, make: () => Promise<Scores>): void {
  describe(`scores: ${name}`, () => {
    let sessions = 0;
    const newKey = () => parseSessionKey({ tenant: "acme", session: `scored-${(sessions += 1)}` });
    const scored = (sequence: number, scorer: string, rest: Partial<KeptScore> = {}): KeptScore => ({
      ...{ sequence, scorer, score: 0.5, time: 1_900_000_000_000 },
      ...rest,
    });
    const all = (scores: Scores, key: SessionKey) => scores.read(key, { limit: 100 });

    it("gives all that it was given, in the order of replies, and of one reply in that of scorers", async () => {
      const [scores, key] = [await make(), newKey()];
      const full = scored(9, "tone", { score: 0, version: "2.1", label: "too short" });
      await scores.put(key, scored(10, "answered"));
      await scores.put(key, full);
      await scores.put(key, scored(9, "answered", { score: 1 }));
      expect(await all(scores, key)).toEqual([
        scored(9, "answered", { score: 1 }),
        full,
        scored(10, "answered"),
      ]);
    });

    it("keeps the first score of a reply by a scorer, whatever comes for it later", async () => {
      const [scores, key] = [await make(), newKey()];
      await scores.put(key, scored(9, "tone"));
      await scores.put(key, scored(9, "tone"));
      await scores.put(key, scored(9, "tone", { score: 1, version: "3" }));
      expect(await all(scores, key)).toEqual([scored(9, "tone")]);
    });

    it("keeps one of them where two come at once", async () => {
      const [scores, key] = [await make(), newKey()];
      await Promise.all([0, 0.25, 1].map((score) => scores.put(key, scored(9, "tone", { score }))));
      expect(await all(scores, key)).toHaveLength(1);
    });

    it("gives no more than is asked for, and goes on after a score", async () => {
      const [scores, key] = [await make(), newKey()];
      for (let at = 1; at <= 12; at += 1) await scores.put(key, scored(at, "tone"));
      const first = await scores.read(key, { limit: 5 });
      const after = scoreOrder(first[4] ?? scored(0, ""));
      const rest = await scores.read(key, { after, limit: 100 });
      expect([first, rest].map((page) => page.map(({ sequence }) => sequence))).toEqual([
        [1, 2, 3, 4, 5],
        [6, 7, 8, 9, 10, 11, 12],
      ]);
      expect(await scores.read(key, { after: scoreOrder(scored(12, "tone")), limit: 5 })).toEqual([]);
    });

    it("tells sessions and tenants apart", async () => {
      const [scores, key] = [await make(), newKey()];
      await scores.put(key, scored(1, "tone"));
      expect(await all(scores, newKey())).toEqual([]);
      expect(await all(scores, parseSessionKey({ ...key, tenant: "other" }))).toEqual([]);
    });

    it("erases all scores of a session, also of one that has none, and no other's", async () => {
      const [scores, key, other] = [await make(), newKey(), newKey()];
      for (let at = 1; at <= 30; at += 1) await scores.put(key, scored(at, "tone"));
      await scores.put(other, scored(1, "tone"));
      await scores.erase(key);
      await scores.erase(key);
      expect(await all(scores, key)).toEqual([]);
      expect(await all(scores, other)).toEqual([scored(1, "tone")]);
      await scores.put(key, scored(31, "tone"));
      expect(await all(scores, key)).toEqual([scored(31, "tone")]);
    });
  });
}
