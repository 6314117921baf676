import { describe, expect, it } from "vitest";
import { VALUES_IN } from "#core/session/personal/event-values.ts";
import type { SessionEventType } from "#core/session/events.ts";
import { drawPersonal, needlesIn } from "#simulator/needles.ts";
import { runSeed, type SeedResult } from "#simulator/run-seed.ts";

/** Seeds whose tenant has personal values. */
const SEEDS = Array.from({ length: 400 }, (_, seed) => seed).filter(
  (seed) => drawPersonal(seed) !== undefined,
);

const run = (seed: number): Promise<SeedResult> => runSeed(seed, { compare: false });

describe("personal values in sessions with every kind of fault", () => {
  it(
    "are in no byte of table, snapshots, letters, messages, publications, log lines and problems",
    { timeout: 240_000 },
    async () => {
      let planted = 0;
      let letters = 0;
      for (const seed of SEEDS) {
        const { violations, histories, consequences } = await run(seed);
        expect(violations).toEqual([]);
        letters += consequences.letter;
        // Whoever has the key reads them.
        for (const { commits } of histories) planted += needlesIn(JSON.stringify(commits)).length;
      }
      expect(SEEDS.length).toBeGreaterThan(40);
      expect(planted).toBeGreaterThan(200);
      expect(letters).toBeGreaterThan(10);
    },
  );

  /** `npm run sim:mutations` has more of them. */
  it.each<SessionEventType>(["InputAccepted", "AnswerApplied", "AttemptFailed", "ReplySent"])(
    "are found when %s is stored in plain text",
    { timeout: 120_000 },
    async (type) => {
      // The table is read-only for whoever ships it.
      const table = VALUES_IN as Record<SessionEventType, unknown>;
      const kept = table[type];
      table[type] = (data: unknown) => data;
      try {
        for (const seed of SEEDS) {
          const { violations } = await run(seed);
          if (violations.length === 0) continue;
          expect(violations[0]).toMatchObject({
            promise: "Sealed",
            check: "personal values are nowhere in plain",
          });
          return;
        }
        expect.unreachable("nobody found it");
      } finally {
        table[type] = kept;
      }
    },
  );
});
