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

describe("a letter that arrives", () => {
  it("is kept, watched over and told to its session", async () => {
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

  it("shares the execution of its span with all others, and a later one begins another", async () => {
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

  it("is lost where it names no session, and kept all the same", async () => {
    const bench = createLetterBench();
    expect(await bench.keep(arrived("spine-intake-dead", "no JSON"))).toBe("lost");
    expect(await bench.box.get(keyOf("spine-intake-dead", "body", "@/@"))).toBe("no JSON");
    expect(bench.inputs).toEqual([]);
  });

  it("is lost where it came over a bus, whatever session and input it says it is", async () => {
    const bench = createLetterBench();
    const forged = { ...deadline(5), input: { kind: "letter" }, task: "1", attempt: 1 };
    expect(await bench.keep(arrived("spine-intake-dead", forged))).toBe("lost");
    expect(bench.inputs).toEqual([]);
  });

  it("is let go when it is a letter that came back: it would go round for ever", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-deadlines-dead", deadline(5)));
    const [letter] = bench.inputs;
    const back = arrived("spine-inbox-dead.fifo", { ...letter?.key, input: letter?.input }, "m-2");
    expect(await bench.keep(back)).toBe("returned");
    expect(bench.inputs).toHaveLength(1);
    expect((await bench.keys()).join()).not.toContain("m-2");
  });

  it("is parked at once where its session cannot be read, and troubles the inbox no more", async () => {
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

  it("is parked when it is a commit that could not be relayed: its session would only commit once more", async () => {
    const bench = createLetterBench();
    expect(await bench.keep(arrived("spine-relay-retries-dead", { ...KEY, first: 4 }))).toBe("parked");
    expect(bench.inputs).toEqual([]);
  });

  it("speaks for an attempt only if the answer in it proves it", async () => {
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

  it("names no attempt where the queue carries none, whatever it says", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-deadlines-dead", { ...deadline(5), task: "t-1", attempt: 1 }));
    expect(bench.inputs[0]?.input).not.toHaveProperty("attempt");
  });

  it("stays kept and watched when the inbox does not take it: it comes again", async () => {
    const down = new SpineError("queue.rejected", "Down.", { retryable: true });
    const bench = createLetterBench({}, () => Promise.reject(down));
    await expect(bench.keep(arrived("spine-deadlines-dead", deadline(5)))).rejects.toBe(down);
    expect(await bench.keys()).toHaveLength(2);
  });
});

describe("watching a letter", () => {
  it("fails where the span's execution has ended already, so that the letter comes again in another", async () => {
    const watch = createWatchLetter({
      box: createMemoryLetterBox(),
      executions: { start: () => Promise.resolve("closed") },
      clock: { now: () => START },
    });
    const watching = watch({ letter: nameOf("m-1"), queue: "q", key: KEY });
    await expect(watching).rejects.toMatchObject({ retryable: true });
  });
});
