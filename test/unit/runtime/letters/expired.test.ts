import { describe, expect, it } from "vitest";
import type { OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import { startOfRound } from "#runtime/letters/watch.ts";
import { eventInput, KEY, lastSent, tell } from "../engine.ts";
import { arrived, BUCKET, createLetterBench, DAMAGED, DAY, deadline, expire, nameOf } from "./bench.ts";

const LETTER = arrived("spine-deadlines-dead", deadline(5));

async function listed(bench: ReturnType<typeof createLetterBench>): Promise<readonly string[]> {
  const { letters } = (await bench.operate({ op: "list", day: DAY })) as OperatorReplies["list"];
  return letters.map(({ state }) => state);
}

describe("a letter whose session has expired", () => {
  it("is kept in the state `expired`, sent to no session and not watched", async () => {
    const bench = createLetterBench();
    await tell(bench, [eventInput("1")]);
    await expire(bench);
    expect(await bench.keep(LETTER)).toBe("expired");
    expect([bench.inputs, bench.started]).toEqual([[], []]);
    expect(await listed(bench)).toEqual(["expired"]);
    expect(await bench.operate({ op: "show", letter: nameOf("m-1") })).toMatchObject({
      body: { at: 5 },
      state: "expired",
    });
  });

  it("ends when the session expires while the letter is watched", async () => {
    const bench = createLetterBench();
    await tell(bench, [eventInput("1")]);
    await bench.keep(LETTER);
    await expire(bench);
    // The inbox brings the letter: it is nothing to the session any more, and does not come again.
    expect(await bench.deliver()).toEqual([]);
    expect(await bench.confirm(startOfRound(BUCKET, 1))).toMatchObject({ next: "done" });
    expect(bench.ended).toEqual(["expired"]);
    expect(await listed(bench)).toEqual(["expired"]);
  });

  it("is closed and never sent back when an operator redrives it, however often", async () => {
    const bench = createLetterBench();
    await tell(bench, [eventInput("1")]);
    await bench.keep(arrived("spine-agent-writer-dead.fifo", lastSent(bench)));
    await expire(bench);
    const told = bench.inputs.length;
    for (const _ of ["once", "again"])
      expect(await bench.operate({ op: "redrive", letter: nameOf("m-1") })).toEqual({ as: "expired" });
    expect(bench.inputs).toHaveLength(told);
    expect(await listed(bench)).toEqual(["expired"]);
  });

  it("is closed when its session is unparked, which is rejected once nothing is parked", async () => {
    const bench = createLetterBench();
    await bench.log.append(KEY, DAMAGED);
    await bench.keep(LETTER);
    expect(await listed(bench)).toEqual(["parked"]);
    const repaired = createLetterBench();
    for (const key of await bench.box.list("", 100))
      await repaired.box.put(key, (await bench.box.get(key)) ?? "");
    await tell(repaired, [eventInput("1")]);
    await expire(repaired);
    const unpark = () => repaired.operate({ op: "unpark", ...KEY });
    expect(await unpark()).toEqual({ sent: [], left: [], expired: [nameOf("m-1")] });
    await expect(unpark()).rejects.toMatchObject({ code: "session.expired" });
    expect(repaired.inputs).toEqual([]);
  });
});

describe("the inbox of an expired session", () => {
  it("returns inputs from outside, to be kept as letters, and drops the rest", async () => {
    const bench = createLetterBench();
    await tell(bench, [eventInput("1")]);
    await expire(bench);
    bench.inputs.push({ key: KEY, input: { kind: "deadline", at: 5 } }, { key: KEY, input: eventInput("2") });
    expect(await bench.deliver()).toEqual(["1"]);
  });
});
