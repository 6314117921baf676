import { describe, expect, it } from "vitest";
import { startOfRound } from "#runtime/letters/watch.ts";
import { eventInput, KEY, tell } from "../engine.ts";
import { arrived, BUCKET, createLetterBench, DAMAGED, deadline } from "./bench.ts";

const LETTER = arrived("spine-deadlines-dead", deadline(5));
const FIRST = startOfRound(BUCKET, 1);
const LAST = startOfRound(BUCKET, 4);

const marks = (keys: readonly string[]) => keys.map((key) => key.slice(key.lastIndexOf("/") + 1));

describe("confirming the letters of a period", () => {
  it("marks those that their sessions recorded, and ends", async () => {
    const bench = createLetterBench();
    await bench.keep(LETTER);
    expect(await bench.deliver()).toEqual([]);
    expect(await bench.confirm(FIRST)).toEqual({ ...FIRST, next: "done" });
    expect(marks(await bench.keys())).toEqual(["body", "recorded"]);
    expect(bench.ended).toEqual(["recorded"]);
  });

  it("finds an input that has left the id window by its marker", async () => {
    const bench = createLetterBench({ limits: { idWindow: 1 } });
    await bench.keep(LETTER);
    await bench.deliver();
    for (const id of ["1", "2", "3"]) await tell(bench, [eventInput(id)]);
    await bench.confirm(FIRST);
    expect(bench.ended).toEqual(["recorded"]);
  });

  it("sends missing ones again and waits longer each round", async () => {
    const bench = createLetterBench();
    await bench.keep(LETTER);
    const waits: number[] = [];
    for (const round of [1, 2, 3]) {
      const { next, ...watch } = await bench.confirm(startOfRound(BUCKET, round));
      expect({ next, watch }).toEqual({ next: "round", watch: startOfRound(BUCKET, round + 1) });
      waits.push(watch.waitSeconds);
    }
    expect(waits).toEqual([120, 480, 1_920]);
    expect(bench.inputs).toHaveLength(4);
    expect(new Set(bench.inputs.map(({ input }) => JSON.stringify(input))).size).toBe(1);
  });

  it("parks letters that are still missing after the last round", async () => {
    const bench = createLetterBench();
    await bench.keep(LETTER);
    expect(await bench.confirm(LAST)).toMatchObject({ next: "done" });
    expect(bench.ended).toEqual(["parked"]);
    expect(marks(await bench.keys())).toEqual(["body", "parked", "spine-deadlines-dead"]);
    expect(await bench.confirm(LAST)).toMatchObject({ next: "done", missing: 0 });
  });

  it("parks at once when the session can no longer be read", async () => {
    const bench = createLetterBench();
    await bench.keep(LETTER);
    await bench.log.append(KEY, DAMAGED);
    expect(await bench.confirm(FIRST)).toMatchObject({ next: "done" });
    expect(bench.ended).toEqual(["parked"]);
    expect(bench.inputs).toHaveLength(1);
  });

  it("continues page by page, and repeating a confirmed page changes nothing", async () => {
    const bench = createLetterBench();
    for (let letter = 100; letter < 350; letter += 1)
      await bench.keep(arrived("spine-deadlines-dead", deadline(5), `m-${letter}`));
    const first = await bench.confirm(FIRST);
    expect(first).toMatchObject({ next: "page", missing: 100, round: 1 });
    const second = await bench.confirm(first);
    expect(second).toMatchObject({ next: "page", missing: 200 });
    expect(await bench.confirm(second)).toEqual({ ...startOfRound(BUCKET, 2), next: "round" });
    expect(await bench.confirm(second)).toEqual({ ...startOfRound(BUCKET, 2), next: "round" });
  });

  it("continues with the remaining letters once most are recorded", async () => {
    const bench = createLetterBench();
    await bench.keep(LETTER);
    await bench.deliver();
    await bench.keep(arrived("spine-deadlines-dead", deadline(6), "m-2"));
    expect(await bench.confirm(FIRST)).toMatchObject({ next: "round" });
    await bench.deliver();
    expect(await bench.confirm(startOfRound(BUCKET, 2))).toMatchObject({ next: "done" });
    expect(bench.ended).toEqual(["recorded", "recorded"]);
  });
});
