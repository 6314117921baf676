import { describe, expect, it } from "vitest";
import { transform } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { chanceOf } from "#core/session/decide/chance.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { contentionPauseMs } from "#runtime/session/contention-pause.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { commitsOf, createBench, flowOf } from "./engine.ts";

const CALLER = { tenant: parseTenantId("acme"), source: "shop" };

/** So many events for one session at once, each in a process of its own, before a log that takes some milliseconds. */
async function rush(events: number) {
  const bench = createBench({ flows: [flowOf(transform({ note: "input.text" }))] });
  const { clock } = bench;
  const latencies = createSeededIds("latency");
  const took = { conflicts: 0, reads: 0 };
  const call = async <T>(perform: () => Promise<T>): Promise<T> => {
    const way = () => clock.sleep(2 + Math.floor(3 * chanceOf(latencies.next())));
    await way();
    const answer = await perform();
    await way();
    return answer;
  };
  const { log } = bench;
  const ingress = createIngress({
    ...bench.engine,
    log: {
      ...log,
      readTail: (key) => call(() => ((took.reads += 1), log.readTail(key))),
      append: (key, commit) =>
        call(async () => {
          const result = await log.append(key, commit);
          if (result === "conflict") took.conflicts += 1;
          return result;
        }),
    },
  });
  const start = clock.now();
  const ends = Array.from({ length: events }, async (_, n) => {
    await ingress.send(CALLER, "visit-1", { type: "Asked", id: String(n), data: { text: "hi" } });
    return clock.now() - start;
  });
  await clock.runBy(2_000);
  return {
    ...took,
    lastMs: Math.max(...(await Promise.all(ends))),
    commits: (await commitsOf(bench)).length,
  };
}

describe("a rush of events for one session", () => {
  it("is committed in time, with a few tries per event, independent of the number of events", async () => {
    const { conflicts, reads, lastMs, commits } = await rush(40);
    expect(commits).toBe(40);
    expect(lastMs).toBeLessThan(1_000);
    // Without waiting apart there are some 390.
    expect(conflicts).toBeLessThan(160);
    expect(reads).toBe(conflicts + 40);
  });
});

describe("writers that lost a race", () => {
  it("wait for a bounded, doubling period with independent jitter", () => {
    const longest = (lost: number) =>
      Math.max(...Array.from({ length: 500 }, (_, n) => contentionPauseMs(lost, `seed ${n}`)));
    expect([1, 2, 3, 4, 9].map(longest)).toEqual([19, 39, 79, 159, 159]);
    expect(
      new Set(Array.from({ length: 20 }, (_, n) => contentionPauseMs(4, `seed ${n}`))).size,
    ).toBeGreaterThan(15);
  });
});
