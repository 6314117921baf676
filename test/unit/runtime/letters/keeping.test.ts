import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import { carriedBy } from "#runtime/letters/carried-by.ts";
import { createWatchLetter } from "#runtime/letters/watch.ts";
import { answerOf, eventInput, KEY, lastSent, ok, START, tell } from "../engine.ts";
import { arrived, BUCKET, createLetterBench, DAMAGED, DAY, deadline, nameOf } from "./bench.ts";

const keyOf = (queue: string, mark: string, owner = "acme/visit-1") =>
  `letters/${DAY}/${nameOf("m-1")}/${queue}/${owner}/${mark}`;

describe("what a queue carries", () => {
  it.each([
    ["spine-agent-writer-dead.fifo", "task"],
    ["spine-agent-writer-express-dead.fifo", "task"],
    ["spine-agent-answers-dead.fifo", "task"],
    ["two-spines-answers-dead.fifo", "answer"],
    ["spine-inbox-dead.fifo", "input"],
    ["spine-deadlines-dead", "deadline"],
    ["spine-relay-retries-dead", "commit"],
    ["spine-intake-dead", "intake"],
    ["somebody-elses-dead", undefined],
  ])("follows from its name: %s", (queue, carried) => {
    expect(carriedBy(queue)).toBe(carried);
  });
});

describe("a new letter", () => {
  it("is kept, watched and sent to its session", async () => {
    const bench = createLetterBench();
    expect(await bench.keep(arrived("spine-deadlines-dead", deadline(5)))).toBe("sent");
    expect(await bench.keys()).toEqual([
      `awaiting/${BUCKET}/${nameOf("m-1")}/spine-deadlines-dead/acme/visit-1`,
      keyOf("spine-deadlines-dead", "body"),
    ]);
    expect(bench.inputs).toMatchObject([{ key: KEY, input: { kind: "letter", id: "m-1" } }]);
    expect(bench.started).toEqual([
      { name: BUCKET, input: { bucket: BUCKET, round: 1, after: "", missing: 0, waitSeconds: 30 } },
    ]);
  });

  it("shares the execution of its period with others, and a later one starts another", async () => {
    const bench = createLetterBench();
    for (let letter = 0; letter < 1_000; letter += 1)
      await bench.keep(arrived("spine-deadlines-dead", deadline(5), `m-${letter}`));
    expect(bench.started).toHaveLength(1);
    bench.clock.advanceBy(10_000);
    await bench.keep(arrived("spine-deadlines-dead", deadline(5), "m-later"));
    expect(bench.started).toHaveLength(2);
  });

  it("has the same key however often it is delivered", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-deadlines-dead", deadline(5)));
    bench.clock.advanceBy(60_000);
    await bench.keep(arrived("spine-deadlines-dead", deadline(5)));
    expect((await bench.keys()).filter((key) => key.startsWith("letters/"))).toHaveLength(1);
  });

  it("is kept as lost when it names no session", async () => {
    const bench = createLetterBench();
    expect(await bench.keep(arrived("spine-intake-dead", "no JSON"))).toBe("lost");
    expect(await bench.box.get(keyOf("spine-intake-dead", "body", "@/@"))).toBe("no JSON");
    expect(bench.inputs).toEqual([]);
  });

  it("is kept as lost when it came over a bus, whatever session and input it names", async () => {
    const bench = createLetterBench();
    const forged = { ...deadline(5), input: { kind: "letter" }, task: "1", attempt: 1 };
    expect(await bench.keep(arrived("spine-intake-dead", forged))).toBe("lost");
    expect(bench.inputs).toEqual([]);
  });

  it("is dropped when it is a redelivered letter, which would loop forever", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-deadlines-dead", deadline(5)));
    const [letter] = bench.inputs;
    const back = arrived("spine-inbox-dead.fifo", { ...letter?.key, input: letter?.input }, "m-2");
    expect(await bench.keep(back)).toBe("returned");
    expect(bench.inputs).toHaveLength(1);
    expect((await bench.keys()).join()).not.toContain("m-2");
  });

  it("is parked at once when its session cannot be read, and is not sent to the inbox", async () => {
    const bench = createLetterBench();
    await bench.log.append(KEY, DAMAGED);
    const letter = arrived("spine-inbox-dead.fifo", { ...KEY, input: eventInput("1") });
    expect(await bench.keep(letter)).toBe("parked");
    expect([bench.inputs, bench.started]).toEqual([[], []]);
    expect(await bench.keys()).toEqual([
      keyOf("spine-inbox-dead.fifo", "body"),
      keyOf("spine-inbox-dead.fifo", "parked"),
      `parked/acme/visit-1/${nameOf("m-1")}/spine-inbox-dead.fifo`,
    ]);
  });

  it("is parked when it is a commit that could not be relayed, because its session could only commit again", async () => {
    const bench = createLetterBench();
    expect(await bench.keep(arrived("spine-relay-retries-dead", { ...KEY, first: 4 }))).toBe("parked");
    expect(bench.inputs).toEqual([]);
  });

  it("counts for an attempt only if its answer proves the attempt", async () => {
    const bench = createLetterBench();
    await tell(bench, [eventInput("1")]);
    const answer = answerOf(lastSent(bench), ok({ text: "late" }));
    const forged = { ...answer, token: "x".repeat(43) };
    expect(await bench.keep(arrived("spine-answers-dead.fifo", forged))).toBe("lost");
    expect(await bench.keep(arrived("spine-answers-dead.fifo", { ...answer, token: undefined }))).toBe(
      "lost",
    );
    expect(await bench.keep(arrived("spine-answers-dead.fifo", answer))).toBe("sent");
    expect(bench.inputs).toMatchObject([{ input: { attempt: { task: answer.task, attempt: 1 } } }]);
  });

  it("names no attempt when its queue carries none, whatever it contains", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-deadlines-dead", { ...deadline(5), task: "t-1", attempt: 1 }));
    expect(bench.inputs[0]?.input).not.toHaveProperty("attempt");
  });

  it("stays kept and watched when the inbox rejects it, and is redelivered", async () => {
    const down = new SpineError("queue.rejected", "Down.", { retryable: true });
    const bench = createLetterBench({}, () => Promise.reject(down));
    await expect(bench.keep(arrived("spine-deadlines-dead", deadline(5)))).rejects.toBe(down);
    expect(await bench.keys()).toHaveLength(2);
  });
});

describe("watching a letter", () => {
  it("fails when the period's execution has already ended, so that the letter is redelivered into another", async () => {
    const watch = createWatchLetter({
      box: createMemoryLetterBox(),
      executions: { start: () => Promise.resolve("closed") },
      clock: { now: () => START },
    });
    const watching = watch({ letter: nameOf("m-1"), queue: "q", key: KEY });
    await expect(watching).rejects.toMatchObject({ retryable: true });
  });
});
