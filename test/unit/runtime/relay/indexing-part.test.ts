import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { createMemorySessionIndex } from "#memory/memory-session-index.ts";
import { createIndexing } from "#runtime/relay/create-indexing.ts";
import { createBench, eventInput, KEY, tell } from "../engine.ts";
import { down, relayOn } from "./bench.ts";

async function told() {
  const bench = createBench();
  await tell(bench, [eventInput("1")]);
  const index = createMemorySessionIndex();
  return { bench, index, indexing: createIndexing({ index, log: bench.engine.log }) };
}

describe("the relay and the list of sessions", () => {
  it("puts a session's row once its commit is relayed", async () => {
    const { bench, index, indexing } = await told();
    expect(await relayOn(bench, { indexing }).relay(bench.records)).toEqual([]);
    expect((await index.get(KEY))?.row).toMatchObject({ state: "running" });
  });

  it("leaves only the row to do when the index does not answer, and puts it when that is tried again", async () => {
    const { bench, index, indexing } = await told();
    const failing = relayOn(bench, { indexing: () => Promise.reject(down) });
    const left = await failing.relay(bench.records);
    expect(left.map(({ left }) => left)).toEqual([["index"]]);
    expect(failing.published).toHaveLength(1);
    const again = relayOn(bench, { indexing });
    expect(await again.relay(left)).toEqual([]);
    expect([again.published, bench.sent.length]).toEqual([[], 2]);
    expect((await index.get(KEY))?.row.state).toBe("running");
  });

  it("does not wait longer for an index that hangs than for subscribers and the bus", async () => {
    const { bench } = await told();
    const hanging = relayOn(bench, { indexing: () => new Promise(() => undefined) });
    const { clock } = bench;
    const relayed = hanging.relay(bench.records, { endsAt: clock.now() + 20_000, outsideMs: 2_000 });
    await expect.poll(() => hanging.published.length).toBe(1);
    clock.advanceTo(clock.now() + 2_000);
    expect((await relayed).map(({ left }) => left)).toEqual([["index"]]);
  });

  it("tries no more what no later try can do", async () => {
    const { bench } = await told();
    const broken = new SpineError("log.corrupt", "It cannot be folded.");
    expect(await relayOn(bench, { indexing: () => Promise.reject(broken) }).relay(bench.records)).toEqual([]);
  });
});
