import { describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { DEADLINE_GRACE_MS } from "#core/flow/bounds.ts";
import { transform } from "#core/flow/build.ts";
import type { SessionKey } from "#core/ids.ts";
import type { Input } from "#core/session/input.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import {
  answerOf,
  bulk,
  commitsOf,
  createBench,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  sessionKey,
  START,
  tell,
  typesOf,
} from "./engine.ts";

const noting = flowOf(transform({ note: "input.text" }));
const away = new SpineError("log.unavailable", "The table does not answer.", { retryable: true });
const A = sessionKey("a");
const B = sessionKey("b");

const message = (id: string, key: SessionKey, input: Input = eventInput(id, { text: id })) => ({
  id,
  body: JSON.stringify({ ...key, input }),
});

/** Resolves when it was called for so many sessions: nobody goes on alone. */
function meeting(expected: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  return () => {
    arrived += 1;
    if (arrived === expected) open();
    return all;
  };
}

describe("the inbox", () => {
  it("advances a batch's sessions concurrently", async () => {
    const met = meeting(2);
    const bench = createBench({
      flows: [noting],
      ports: ({ log }) => ({
        log: {
          ...log,
          async append(key, commit) {
            await met();
            return log.append(key, commit);
          },
        },
      }),
    });
    const failed = await createCoordinator(bench.engine).inbox([message("1", A), message("2", B)]);
    expect(failed).toEqual([]);
    expect([await commitsOf(bench, A), await commitsOf(bench, B)].map(({ length }) => length)).toEqual([
      1, 1,
    ]);
  });

  it("keeps the order of the messages of one session", async () => {
    const bench = createBench({ flows: [noting] });
    const batch = [message("1", A), message("x", B), message("2", A), message("3", A)];
    await createCoordinator(bench.engine).inbox(batch);
    const inputs = (await commitsOf(bench, A)).flatMap((commit) => commit.inputs);
    expect(inputs.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });

  it("returns all messages of a session whose log fails, in order, and no others", async () => {
    const bench = createBench({
      flows: [noting],
      ports: ({ log }) => ({
        log: {
          ...log,
          append: (key, commit) => (key.session === "a" ? Promise.reject(away) : log.append(key, commit)),
        },
      }),
    });
    const batch = [message("1", A), message("2", B), message("3", A), message("4", B)];
    expect(await createCoordinator(bench.engine).inbox(batch)).toEqual(["1", "3"]);
    expect(await commitsOf(bench, B)).toHaveLength(1);
  });

  it("commits a repeated batch once even when half of it was already committed", async () => {
    let appends = 0;
    const flaky = (log: SessionLog): SessionLog => ({
      ...log,
      append: (key, commit) => (++appends === 2 ? Promise.reject(away) : log.append(key, commit)),
    });
    const bench = createBench({ flows: [noting], ports: ({ log }) => ({ log: flaky(log) }) });
    // Too much for one commit: the second one fails.
    const batch = ["1", "2", "3"].map((id) => message(id, A, eventInput(id, { text: bulk(120_000, id) })));
    const coordinator = createCoordinator(bench.engine);
    expect(await coordinator.inbox(batch)).toEqual(["1", "2", "3"]);
    expect(await coordinator.inbox(batch)).toEqual([]);
    const inputs = (await commitsOf(bench, A)).flatMap((commit) => commit.inputs);
    expect(inputs.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });

  it("returns an unreadable message, and accepts the others", async () => {
    const bench = createBench({ flows: [noting] });
    const batch = [
      { id: "garbage", body: "{" },
      message("1", A),
      { id: "nobody's", body: JSON.stringify({ tenant: "acme", session: "!", input: eventInput("9") }) },
    ];
    expect(await createCoordinator(bench.engine).inbox(batch)).toEqual(["garbage", "nobody's"]);
    expect(await commitsOf(bench, A)).toHaveLength(1);
    expect(bench.troubles).toHaveLength(2);
  });

  it("reports a rejected input, because no caller waits for it", async () => {
    const bench = createBench({ flows: [noting] });
    const stop = { type: "stop", reason: "enough" } as const;
    const command = {
      kind: "command",
      source: "operator",
      correlation: "c",
      hash: "h",
      command: stop,
    } as const;
    const coordinator = createCoordinator(bench.engine);
    expect(await coordinator.inbox([message("1", A), message("2", A, { ...command, id: "s1" })])).toEqual([]);
    expect(bench.troubles).toEqual([]);
    expect(await coordinator.inbox([message("3", A)])).toEqual([]);
    expect(bench.troubles).toEqual(["an input of acme/a is rejected"]);
  });

  it("accepts no answers and no claims", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    const { task, attempt } = lastSent(bench);
    const smuggled: Input[] = [
      { kind: "answer", task, attempt, outcome: ok({ text: "forged" }) },
      { kind: "claim", task, attempt, execution: "e1" },
    ];
    const batch = smuggled.map((input) => message(input.kind, KEY, input));
    expect(await createCoordinator(bench.engine).inbox(batch)).toEqual(["answer", "claim"]);
    expect(await commitsOf(bench)).toHaveLength(1);
  });

  it("accepts deadlines, letters, commands and people's answers", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    bench.clock.advanceBy(60_000);
    const known = { source: "s", hash: "h", correlation: "c" };
    const inputs: Input[] = [
      { kind: "deadline", at: bench.clock.now() },
      { kind: "letter", ...known, id: "l", queue: "agent-writer", reason: "received too often" },
      { kind: "human", ...known, id: "p", ask: "nothing", value: 1 },
      { kind: "command", ...known, id: "x", command: { type: "stop", reason: "enough" } },
    ];
    const batch = inputs.map((input, index) => message(String(index), KEY, input));
    expect(await createCoordinator(bench.engine).inbox(batch)).toEqual([]);
    const types = await typesOf(bench);
    expect(types).toEqual(expect.arrayContaining(["DeadlinePassed", "DeadLetterRecorded", "SessionStopped"]));
  });

  it("keeps competing for a session as long as its time allows", async () => {
    let races = 0;
    const bench = createBench({
      flows: [noting],
      ports: ({ log }) => ({
        log: {
          ...log,
          append: (key, commit) => {
            races += 1;
            return races < 20 ? Promise.resolve("conflict") : log.append(key, commit);
          },
        },
      }),
    });
    expect(await createCoordinator(bench.engine).inbox([message("1", A)])).toEqual([]);
    expect(races).toBe(20);
  });

  it("returns a session's messages when it does not win within two seconds", async () => {
    const bench = createBench({ flows: [noting] });
    const lost: SessionLog = {
      ...bench.log,
      append: () => {
        bench.clock.advanceBy(300);
        return Promise.resolve("conflict");
      },
    };
    const coordinator = createCoordinator({ ...bench.engine, log: lost });
    expect(await coordinator.inbox([message("1", A)])).toEqual(["1"]);
    expect(bench.clock.now()).toBeLessThan(START + 2_500);
  });
});

describe("the answers queue", () => {
  it("records an answer with a valid token", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    const answer = { id: "1", body: JSON.stringify(answerOf(lastSent(bench), ok({ text: "done" }))) };
    expect(await createCoordinator(bench.engine).answers([answer, { ...answer, id: "2" }])).toEqual([]);
    expect((await typesOf(bench)).filter((type) => type === "AnswerApplied")).toHaveLength(1);
  });

  it("dates an answer by when the queue received it, and by nothing that the agent says", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    const answer = answerOf(lastSent(bench), ok({ text: "done" }));
    const dueAt = lastSent(bench).deadline + DEADLINE_GRACE_MS;
    bench.clock.advanceBy(dueAt - START + 60_000);
    const forged = { ...answer, acceptedAt: START, sentAt: START };
    const late = { id: "1", body: JSON.stringify(forged), sentAt: dueAt };
    const inTime = { id: "2", body: JSON.stringify(answer), sentAt: dueAt - 1 };
    const other = createBench();
    await tell(other, [eventInput("1")]);
    other.clock.advanceBy(dueAt - START + 60_000);
    await createCoordinator(bench.engine).answers([late]);
    await createCoordinator(other.engine).answers([inTime]);
    expect((await typesOf(bench)).filter((type) => type.startsWith("Answer"))).toEqual(["AnswerLate"]);
    expect((await typesOf(other)).filter((type) => type.startsWith("Answer"))).toEqual(["AnswerApplied"]);
  });

  it("drops an answer with a wrong token at once, so that it does not block the session that it names", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    const forged = { ...answerOf(lastSent(bench), ok({ text: "forged" })), token: bulk(43, "A") };
    expect(
      await createCoordinator(bench.engine).answers([
        { id: "1", body: JSON.stringify(forged) },
        { id: "2", body: "junk" },
      ]),
    ).toEqual([]);
    expect(await commitsOf(bench)).toHaveLength(1);
    expect(bench.troubles).toHaveLength(2);
  });

  it("reads only answers", async () => {
    const bench = createBench({ flows: [noting] });
    const inputs: Input[] = [
      eventInput("1", { text: "x" }),
      { kind: "deadline", at: 1 },
      {
        kind: "command",
        source: "s",
        id: "c",
        hash: "h",
        correlation: "c",
        command: { type: "stop", reason: "r" },
      },
    ];
    const batch = inputs.map((input, index) => message(String(index), A, input));
    expect(await createCoordinator(bench.engine).answers(batch)).toEqual([]);
    expect(await commitsOf(bench, A)).toEqual([]);
    expect(bench.troubles).toHaveLength(3);
  });
});
