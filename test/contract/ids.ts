import { describe, expect, it } from "vitest";
import { parseRunId, parseSessionId } from "#core/ids.ts";
import type { Ids } from "#ports/clock.ts";

/** Holds an implementation of Ids to the port's rules. */
export function describeIds(name: string, makeIds: () => Ids): void {
  describe(`ids: ${name}`, () => {
    it("creates letters and digits, starting with a letter, which every id parser accepts", () => {
      const ids = makeIds();
      for (let made = 0; made < 1_000; made += 1) {
        const id = ids.next();
        expect(id).toMatch(/^[A-Za-z][A-Za-z0-9]{19,63}$/);
        expect(parseRunId(id)).toBe(id);
        expect(parseSessionId(id)).toBe(id);
      }
    });

    it("never creates the same id twice", () => {
      const ids = makeIds();
      const made = new Set(Array.from({ length: 100_000 }, () => ids.next()));
      expect(made.size).toBe(100_000);
    });

    it("fills most places of an id at random", () => {
      const ids = makeIds();
      const made = Array.from({ length: 2_000 }, () => ids.next());
      const length = made[0]?.length ?? 0;
      const varied = Array.from({ length }, (_, at) => new Set(made.map((id) => id.charAt(at))).size);
      // 100 bits need 20 places of 32 characters or 25 of 16.
      expect(varied.filter((characters) => characters >= 16).length).toBeGreaterThanOrEqual(20);
    });
  });
}
