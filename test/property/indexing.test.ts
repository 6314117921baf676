import fc from "fast-check";
import { expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { serializeCommit } from "#core/session/codec.ts";
import { summarize, type Summary } from "#core/session/summary/summary.ts";
import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createIndexing } from "#runtime/relay/create-indexing.ts";
import { createSummaryCache } from "#runtime/relay/summary-cache.ts";
import { oneIn, seededChance, upTo } from "#simulator/random-flow.ts";
import { World } from "#testing/given-when-then.ts";
import { runs } from "../support/runs.ts";
import { randomSession, runRandomly } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

it("however batches come, twice, late, to other processes and in vain, the index has what the whole log tells", async () => {
  let reads = 0;
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const chance = seededChance(seed);
      const session = randomSession(chance);
      const world = new World(session.application, { check: false });
      runRandomly(world, session, chance, 30);
      const { commits, state: key } = world;
      const stored = createMemorySessionLog();
      for (const commit of commits) {
        const { first, last } = commit;
        await stored.append(key, { first, last, text: serializeCommit(commit), snapshot: false });
      }
      const log = {
        readAfter: (...args: Parameters<typeof stored.readAfter>) => {
          reads += 1;
          return stored.readAfter(...args);
        },
      };
      const index = createMemorySessionIndex();
      const flaky = {
        ...index,
        put: async (...args: Parameters<typeof index.put>) => {
          if (oneIn(chance, 4)) throw new SpineError("log.unavailable", "It is down.", { retryable: true });
          return index.put(...args);
        },
      };
      const processes = [1, 2].map(() =>
        createIndexing({ index: flaky, log, ...(oneIn(chance, 2) && { cache: createSummaryCache() }) }),
      );
      const due = [...commits.keys()];
      const give = async (ats: readonly number[]) => {
        const indexing = processes[upTo(chance, 1)] ?? processes[0];
        await indexing?.(
          key,
          ats.toSorted((a, b) => a - b).flatMap((at) => commits[at] ?? []),
        );
      };
      while (due.length > 0) {
        const from = oneIn(chance, 4) ? upTo(chance, due.length - 1) : 0;
        const batch = due.splice(from, 1 + upTo(chance, 4));
        try {
          await give([
            ...new Set([...batch, ...(oneIn(chance, 3) ? [upTo(chance, commits.length - 1)] : [])]),
          ]);
        } catch (error) {
          expect(error).toMatchObject({ code: "log.unavailable" });
          due.push(...batch);
        }
      }
      const whole = commits.reduce<Summary | undefined>(summarize, undefined);
      expect((await index.get(key))?.row).toEqual(whole?.row);

      await index.remove(key);
      await createIndexing({ index, log })(key, commits.slice(0, 1), true);
      expect((await index.get(key))?.row).toEqual(whole?.row);
    }),
    { numRuns: runs(40) },
  );
  expect(reads).toBeGreaterThan(0);
});
