import { describe, expect, it } from "vitest";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { loadSession } from "#runtime/session/load-session.ts";
import { eventInput, KEY, lastSent, ok, START, tell } from "../engine.ts";
import { createLetterBench, DAMAGED, deadline, expire } from "./bench.ts";

type Bench = ReturnType<typeof createLetterBench>;

/** A session whose task is with its agent, and the time for which its timer is armed. */
async function withTask(): Promise<{ readonly bench: Bench; readonly at: number }> {
  const bench = createLetterBench();
  await tell(bench, [eventInput("1")]);
  const [at = NaN] = (await loadSession(bench.engine, KEY)).state.armed;
  return { bench, at };
}

async function answer(bench: Bench): Promise<void> {
  const { task, attempt } = lastSent(bench);
  const outcome = ok({ text: "done" });
  await createAdvanceSession(bench.engine)(KEY, [{ kind: "answer", task, attempt, outcome }], () => true);
}

const fire = (bench: Bench, at: number): Promise<readonly string[]> =>
  bench.recovery.deadlines([{ id: "m-1", body: JSON.stringify(deadline(at)) }]);

describe("a deadline whose time has come", () => {
  it("goes to its session when what it was armed for has not come", async () => {
    const { bench, at } = await withTask();
    bench.clock.advanceTo(at);
    expect(await fire(bench, at)).toEqual([]);
    expect(bench.inputs).toEqual([{ key: KEY, input: { kind: "deadline", at } }]);
  });

  it("goes no further when what it was armed for has come, and no commit was missed", async () => {
    const { bench, at } = await withTask();
    await answer(bench);
    bench.clock.advanceTo(at);
    const before = bench.records.length;
    expect(await fire(bench, at)).toEqual([]);
    expect(bench.inputs).toEqual([]);
    // The coordinator finds as little.
    bench.inputs.push({ key: KEY, input: { kind: "deadline", at } });
    expect(await bench.deliver()).toEqual([]);
    expect(bench.records).toHaveLength(before);
  });

  it("goes to its session while the session counts on it, even if nothing is late", async () => {
    const { bench, at } = await withTask();
    // A queue whose clock is ahead of the session's.
    await fire(bench, at);
    expect([bench.inputs, bench.armed]).toEqual([[], [{ key: KEY, at }]]);
    await answer(bench);
    await tell(bench, [eventInput("2")]);
    bench.clock.advanceTo(at);
    await fire(bench, at);
    expect(bench.inputs).toHaveLength(1);
  });

  it("goes no further in a session of which there is nothing", async () => {
    const bench = createLetterBench();
    await fire(bench, START);
    expect(bench.inputs).toEqual([]);
  });

  it("goes to its session where nobody knows: its log cannot be read, or is at its end", async () => {
    const damaged = createLetterBench();
    await damaged.log.append(KEY, DAMAGED);
    await fire(damaged, START);
    const { bench, at } = await withTask();
    await answer(bench);
    await expire(bench);
    bench.clock.advanceTo(at);
    await fire(bench, at);
    expect([damaged.inputs.length, bench.inputs.length]).toEqual([1, 1]);
  });
});
