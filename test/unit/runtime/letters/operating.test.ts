import { describe, expect, it } from "vitest";
import { createDoor } from "#runtime/doors/create-door.ts";
import { masked } from "#runtime/letters/masked.ts";
import { parseOperatorRequest, type OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import { answerOf, eventInput, failure, KEY, lastSent, ok, START, tell, typesOf } from "../engine.ts";
import { arrived, createLetterBench, DAMAGED, DAY, deadline, nameOf } from "./bench.ts";

type LetterBench = ReturnType<typeof createLetterBench>;
const INPUT = { ...KEY, input: eventInput("1") };

const list = async (bench: LetterBench): Promise<readonly string[]> => {
  const { letters } = (await bench.operate({ op: "list", day: DAY })) as OperatorReplies["list"];
  return letters.map(({ letter, state }) => `${letter.split("-").slice(2).join("-")} ${state}`);
};
const redrive = (bench: LetterBench, id = "m-1") => bench.operate({ op: "redrive", letter: nameOf(id) });

/** A task whose message became a letter that its session recorded. */
async function deadTask(bench: LetterBench) {
  await tell(bench, [eventInput("1")]);
  const task = lastSent(bench);
  await bench.keep(arrived("spine-agent-writer-dead.fifo", task));
  await bench.deliver();
  return task;
}

describe("the list of letters", () => {
  it("returns the state of each, in order of arrival", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-deadlines-dead", deadline(5), "kept"));
    await bench.keep(arrived("spine-intake-dead", "?", "lost", { sentAt: START + 1 }));
    await bench.keep(
      arrived("spine-relay-retries-dead", { ...KEY, first: 1 }, "parked", { sentAt: START + 2 }),
    );
    await bench.keep(
      arrived("spine-deadlines-dead", deadline(6), "tomorrow", { sentAt: START + 86_400_000 }),
    );
    expect(await list(bench)).toEqual(["kept kept", "lost lost", "parked parked"]);
  });

  it("pages without splitting a letter", async () => {
    const bench = createLetterBench();
    for (let letter = 1_000; letter < 1_600; letter += 1)
      await bench.keep(arrived("spine-intake-dead", "?", `m-${letter}`));
    const first = (await bench.operate({ op: "list", day: DAY })) as OperatorReplies["list"];
    const rest = (await bench.operate({
      op: "list",
      day: DAY,
      after: first.after ?? "",
    })) as OperatorReplies["list"];
    expect(rest.after).toBeUndefined();
    const all = [...first.letters, ...rest.letters];
    expect(all).toHaveLength(600);
    expect(new Set(all.map(({ letter }) => letter)).size).toBe(600);
    expect(all.every(({ state }) => state === "lost")).toBe(true);
  });
});

describe("showing a letter", () => {
  it("returns body, owner and notes, but no secret", async () => {
    const bench = createLetterBench();
    const { token } = await deadTask(bench);
    await bench.operate({ op: "discard", letter: nameOf("m-1"), reason: "a test" });
    const shown = await bench.operate({ op: "show", letter: nameOf("m-1") });
    expect(shown).toMatchObject({
      session: KEY,
      queue: "spine-agent-writer-dead.fifo",
      state: "discarded",
      body: { agent: "writer", token: "***" },
      notes: { discarded: { reason: "a test" } },
    });
    expect(JSON.stringify(shown)).not.toContain(token);
  });

  it("masks tokens and links everywhere, and leaves text that is not JSON unchanged", () => {
    expect(masked('{"a":[{"token":"t"}],"viewUrl":"u","tokens":1}')).toEqual({
      a: [{ token: "***" }],
      viewUrl: "***",
      tokens: 1,
    });
    expect(masked("no JSON")).toBe("no JSON");
  });

  it("is rejected when the letter does not exist or the request is invalid", async () => {
    const bench = createLetterBench();
    await expect(bench.operate({ op: "show", letter: nameOf("m-9") })).rejects.toMatchObject({
      code: "input.malformed",
    });
    for (const request of [{ op: "show", letter: "../x" }, { op: "burn" }, { op: "list", day: "today" }])
      expect(() => parseOperatorRequest(request)).toThrow(/malformed/);
  });
});

describe("redriving a letter", () => {
  it("sends an input unchanged, and it is committed once however often it is redriven", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-inbox-dead.fifo", INPUT));
    await bench.deliver();
    for (const _ of [1, 2]) expect(await redrive(bench)).toEqual({ as: "input" });
    expect(bench.inputs.map(({ input }) => input)).toEqual([INPUT.input, INPUT.input]);
    await bench.deliver();
    expect((await typesOf(bench)).filter((type) => type === "InputAccepted")).toHaveLength(1);
    expect(await list(bench)).toEqual(["m-1 redriven"]);
  });

  it("sends an answer to its queue again, where a late one is recorded and never applied", async () => {
    const bench = createLetterBench();
    await tell(bench, [eventInput("1")]);
    const answer = answerOf(lastSent(bench), ok({ text: "late" }));
    await bench.keep(arrived("spine-answers-dead.fifo", answer));
    expect(await redrive(bench)).toEqual({ as: "answer" });
    expect(bench.answers).toEqual([answer]);
  });

  it("fires a deadline again", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-deadlines-dead", deadline(5)));
    bench.inputs.length = 0;
    expect(await redrive(bench)).toEqual({ as: "deadline" });
    expect(bench.inputs).toEqual([{ key: KEY, input: { kind: "deadline", at: 5 } }]);
  });

  it("relays a commit again, and takes in an event of spine-in again", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-relay-retries-dead", { ...KEY, first: 4 }));
    await bench.keep(arrived("spine-intake-dead", { "detail-type": "Asked" }, "m-2"));
    expect([await redrive(bench), await redrive(bench, "m-2")]).toEqual([{ as: "commit" }, { as: "intake" }]);
    expect([bench.refs, bench.intake]).toEqual([[{ ...KEY, first: 4 }], ['{"detail-type":"Asked"}']]);
  });

  it("asks the session to retry a task, which it does while the task waits for a retry", async () => {
    const bench = createLetterBench();
    const { task } = await deadTask(bench);
    expect(await redrive(bench)).toEqual({ as: "command" });
    expect(bench.inputs).toMatchObject([
      {
        key: KEY,
        input: {
          source: "operator",
          id: "redrive/m-1",
          command: { type: "redrive", task, attempt: 1, letter: "m-1" },
        },
      },
    ]);
    await bench.deliver();
    expect(lastSent(bench)).toMatchObject({ task, attempt: 2 });
  });

  it("changes nothing in a session that has moved on", async () => {
    const bench = createLetterBench();
    await deadTask(bench);
    bench.clock.advanceBy(5_000);
    await tell(bench, [eventInput("2", {}, { type: "Other" })]);
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), failure(false)));
    const before = await typesOf(bench);
    await redrive(bench);
    expect(await bench.deliver()).toEqual([]);
    expect(await typesOf(bench)).toEqual(before);
  });

  it("sends an unrecorded letter of a task to its session, and watches it", async () => {
    const bench = createLetterBench();
    await tell(bench, [eventInput("1")]);
    await bench.keep(arrived("spine-agent-writer-dead.fifo", lastSent(bench)));
    bench.inputs.length = 0;
    bench.clock.advanceBy(60_000);
    expect(await redrive(bench)).toEqual({ as: "letter" });
    expect(bench.inputs).toMatchObject([{ input: { kind: "letter", id: "m-1" } }]);
    expect(bench.started).toHaveLength(2);
  });

  it("rejects an unreadable letter", async () => {
    const bench = createLetterBench();
    await bench.keep(arrived("spine-inbox-dead.fifo", { ...KEY, input: { kind: "novel" } }));
    await bench.deliver();
    await expect(redrive(bench)).rejects.toMatchObject({ code: "input.rejected" });
  });

  it("is rejected while the session cannot be read", async () => {
    const bench = createLetterBench();
    await bench.log.append(KEY, DAMAGED);
    await bench.keep(arrived("spine-inbox-dead.fifo", INPUT));
    await expect(redrive(bench)).rejects.toMatchObject({ code: "session.unreadable" });
    expect(await list(bench)).toEqual(["m-1 parked"]);
  });
});

describe("unparking a session", () => {
  const unpark = (bench: LetterBench, after?: string) =>
    bench.operate({ op: "unpark", ...KEY, ...(after !== undefined && { after }) }) as Promise<
      OperatorReplies["unpark"]
    >;
  const input = (id: string) => ({ ...KEY, input: eventInput(id) });
  /** Letters of a session that cannot be read; then it is repaired. */
  async function parked(bodies: readonly object[]) {
    const damaged = createLetterBench();
    await damaged.log.append(KEY, DAMAGED);
    for (const [at, body] of bodies.entries()) {
      // All at once, as a batch goes to the dead letters: only its place in the group tells which was first.
      const sequence = String(100 + at);
      await damaged.keep(arrived("spine-inbox-dead.fifo", body, `m-${9 - at}`, { sequence }));
    }
    const repaired = createLetterBench();
    for (const key of await damaged.keys()) await repaired.box.put(key, (await damaged.box.get(key)) ?? "");
    return { damaged, repaired };
  }

  it("is rejected until the log can be folded", async () => {
    const { damaged } = await parked([input("1")]);
    await expect(unpark(damaged)).rejects.toMatchObject({ code: "session.unreadable" });
    expect(damaged.inputs).toEqual([]);
  });

  it("sends the parked letters in order of arrival, once", async () => {
    const { repaired } = await parked(["1", "2", "3"].map(input));
    expect((await unpark(repaired)).sent).toHaveLength(3);
    expect(repaired.inputs).toMatchObject(["1", "2", "3"].map((id) => ({ input: { kind: "event", id } })));
    expect((await unpark(repaired)).sent).toEqual([]);
    expect(await list(repaired)).toEqual(["m-9 redriven", "m-8 redriven", "m-7 redriven"]);
  });

  it("sends a dead letter in place of an unreadable one, and continues", async () => {
    const { repaired } = await parked([{ ...KEY, input: "?" }, input("2")]);
    await unpark(repaired);
    expect(repaired.inputs.map(({ input: { kind } }) => kind)).toEqual(["letter", "event"]);
  });

  it("skips letters that cannot be redriven", async () => {
    const { repaired } = await parked([{ ...KEY, input: "?" }, input("2")]);
    await repaired.keep(arrived("spine-inbox-dead.fifo", { ...KEY, input: "?" }, "m-9", { sequence: "100" }));
    await repaired.deliver();
    expect(await unpark(repaired)).toEqual({ sent: [nameOf("m-8", "101")], left: [nameOf("m-9", "100")] });
  });
});

describe("relaying again", () => {
  it("hands the refs of one page to the relay and says where the next one starts", async () => {
    const bench = createLetterBench();
    expect(await bench.operate({ op: "republish", since: 7 })).toEqual({ commits: 1, after: "second page" });
    expect(await bench.operate({ op: "republish", since: 7, after: "second page" })).toEqual({ commits: 1 });
    expect(bench.refs.map(({ first }) => first)).toEqual([7, 8]);
  });

  it("has only the list of sessions told anew, of each session once", async () => {
    const bench = createLetterBench();
    expect(await bench.operate({ op: "rebuild-index" })).toEqual({ sessions: 0, after: "second page" });
    expect(await bench.operate({ op: "rebuild-index", after: "second page" })).toEqual({ sessions: 1 });
    expect(bench.refs).toMatchObject([{ first: 1, left: ["index"], again: true }]);
  });
});
