import { describe, expect, it } from "vitest";
import * as z from "zod";
import { reply, step, transform } from "#core/flow/build.ts";
import type { Input } from "#core/session/input.ts";
import { SpineError } from "#core/errors.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import {
  bulk,
  commitsOf,
  contractOf,
  createBench,
  eventInput,
  failure,
  flowOf,
  KEY,
  lastSent,
  ok,
  raced,
  tell,
  typesOf,
  type Bench,
} from "./engine.ts";

const PATIENT = () => true;
const noting = flowOf(transform({ note: "input.text" }));
const echoing = flowOf(reply("input"));

const answerInput = (bench: Bench, outcome: Extract<Input, { kind: "answer" }>["outcome"]): Input => {
  const { task, attempt } = lastSent(bench);
  return { kind: "answer", task, attempt, outcome };
};

/** A bench that remembers what the breakers are told. */
function reportingBench() {
  const reports: string[] = [];
  const bench = createBench({
    ports: () => ({
      health: {
        breakerStates: () => Promise.resolve({}),
        report: (agent, outcome) => void reports.push(`${agent} ${outcome}`),
      },
    }),
  });
  return { bench, reports };
}

describe("advancing a session", () => {
  it("commits a batch at once, deciding each input on the state after the one before", async () => {
    const bench = createBench({ flows: [echoing] });
    const outcomes = await tell(bench, [eventInput("1", 1), eventInput("2", 2), eventInput("3", 3)]);
    const [commit, ...others] = await commitsOf(bench);
    expect(others).toEqual([]);
    expect(commit?.inputs.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(
      commit?.inputs.map(({ first }) => ({ type: "committed", disposition: "triggers", sequence: first })),
    );
  });

  it("chains each commit to the one before by the hash of its text", async () => {
    const bench = createBench({ flows: [noting] });
    await tell(bench, [eventInput("1", { text: "a" })]);
    await tell(bench, [eventInput("2", { text: "b" })]);
    const [one, two] = await commitsOf(bench);
    expect(one?.previous).toBe("");
    expect(two?.previous).toBe(bench.engine.digest.sha256(bench.records[0]?.commit.text ?? ""));
  });

  it("decides again on the commit of a faster writer, and commits each input once", async () => {
    const other = createBench({ flows: [noting], seed: "other" });
    const bench = createBench({
      flows: [noting],
      ports: () => ({
        log: raced(other.log, 1, () => tell(other, [eventInput("theirs", { text: "t" })])),
      }),
    });
    await tell(bench, [eventInput("ours", { text: "o" })]);
    expect((await commitsOf(bench)).map(({ inputs }) => inputs.map(({ id }) => id))).toEqual([
      ["theirs"],
      ["ours"],
    ]);
    expect((await bench.reader.current(KEY)).context["note"]).toBe("o");
  });

  it("treats an input that a faster writer also committed as a duplicate", async () => {
    const other = createBench({ flows: [noting], seed: "other" });
    const twice = eventInput("same", { text: "t" });
    const bench = createBench({
      flows: [noting],
      ports: () => ({ log: raced(other.log, 1, () => tell(other, [twice])) }),
    });
    const outcomes = await tell(bench, [twice, eventInput("own", { text: "o" })]);
    expect(outcomes[0]?.verdict).toEqual({ type: "duplicate", sequence: 1 });
    expect((await commitsOf(bench)).flatMap(({ inputs }) => inputs.map(({ id }) => id))).toEqual([
      "same",
      "own",
    ]);
  });

  it("gives up when its time ends, leaving nothing half done", async () => {
    const other = createBench({ flows: [noting], seed: "other" });
    const bench = createBench({
      ports: () => ({
        log: raced(other.log, 9, (race) => tell(other, [eventInput(`t${race}`, { text: "t" })])),
      }),
    });
    const advance = createAdvanceSession(bench.engine);
    await expect(advance(KEY, [eventInput("ours")], (lost) => lost < 2)).rejects.toMatchObject({
      code: "session.contended",
      retryable: true,
    });
    expect((await commitsOf(other)).flatMap(({ inputs }) => inputs.map(({ id }) => id))).toEqual([
      "t1",
      "t2",
    ]);
    expect(bench.sent).toEqual([]);
  });

  it("quarantines the one input that throws and commits the others with it", async () => {
    const bench = createBench({ flows: [noting], limits: { contextBytes: 2_000 } });
    const outcomes = await tell(bench, [
      eventInput("1", { text: "a" }),
      eventInput("2", { text: bulk(3_000) }),
      eventInput("3", { text: "c" }),
    ]);
    expect(outcomes.map(({ verdict }) => verdict.type)).toEqual(["committed", "refused", "committed"]);
    const commits = await commitsOf(bench);
    expect(commits).toHaveLength(1);
    const quarantined = commits[0]?.events.filter(({ type }) => type === "InputQuarantined");
    expect(quarantined).toMatchObject([{ data: { id: "2", error: { code: "context.too-large" } } }]);
  });

  it("records an answer whose schema throws as failed, without affecting others", async () => {
    const broken = z.unknown().transform((): string => {
      throw new TypeError("the schema is broken");
    });
    const fragile = contractOf("fragile", { output: broken });
    const bench = createBench({ agents: [fragile], flows: [flowOf(step(fragile))] });
    await tell(bench, [eventInput("1")]);
    const advance = createAdvanceSession(bench.engine);
    const [outcome] = await advance(KEY, [answerInput(bench, ok("x"))], PATIENT);
    expect(outcome?.problems).toMatchObject([{ field: "result" }]);
    expect(await typesOf(bench)).toContain("AttemptFailed");
  });

  it("records an answer that its schema turns into a value without a JSON form as failed", async () => {
    const big = contractOf("big", { output: z.string().transform((text) => BigInt(text)) });
    const bench = createBench({ agents: [big], flows: [flowOf(step(big))] });
    await tell(bench, [eventInput("1")]);
    await createAdvanceSession(bench.engine)(KEY, [answerInput(bench, ok("12"))], PATIENT);
    expect(await typesOf(bench)).toContain("AttemptFailed");
  });
});

describe("duplicates", () => {
  it("are detected by the id window, with the sequence of the first", async () => {
    const bench = createBench({ flows: [noting] });
    const one = eventInput("1", { text: "a" });
    await tell(bench, [one]);
    const [again] = await tell(bench, [one]);
    expect(again?.verdict).toEqual({ type: "duplicate", sequence: 1 });
    expect(await commitsOf(bench)).toHaveLength(1);
  });

  it("are known within one batch", async () => {
    const bench = createBench({ flows: [noting] });
    const one = eventInput("1", { text: "a" });
    const outcomes = await tell(bench, [one, one]);
    expect(outcomes.map(({ verdict }) => verdict.type)).toEqual(["committed", "duplicate"]);
  });

  it("are detected by their markers after they left the window", async () => {
    const bench = createBench({ flows: [noting], limits: { idWindow: 2 } });
    const inputs = ["1", "2", "3", "4", "5"].map((id) => eventInput(id, { text: id }));
    for (const input of inputs) await tell(bench, [input]);
    expect((await bench.reader.current(KEY)).ids.map(({ id }) => id)).toEqual(["4", "5"]);
    for (const input of inputs) {
      const [again] = await tell(bench, [input]);
      expect(again?.verdict.type).toBe("duplicate");
    }
    expect(await commitsOf(bench)).toHaveLength(5);
  });

  it.each([
    ["in the window", 32],
    ["behind a marker", 1],
  ])("with another body are conflicts %s", async (_where, idWindow) => {
    const bench = createBench({ flows: [noting], limits: { idWindow } });
    for (const id of ["1", "2", "3"]) await tell(bench, [eventInput(id, { text: id })]);
    const [other] = await tell(bench, [eventInput("1", { text: "something else" })]);
    expect(other?.verdict).toMatchObject({ type: "refused", code: "input.conflict", retryable: false });
    expect(await commitsOf(bench)).toHaveLength(3);
  });

  it("get their markers before the commit that drops them from the window, and never for an id of that commit", async () => {
    const story: string[] = [];
    const bench = createBench({
      flows: [noting],
      limits: { idWindow: 2 },
      ports: ({ log }) => ({
        log: {
          ...log,
          async append(key, commit) {
            story.push(`commit ${commit.first}`);
            return log.append(key, commit);
          },
          async writeMarkers(key, markers) {
            story.push(`markers ${markers.map(({ id }) => id).join(" ")}`);
            return log.writeMarkers(key, markers);
          },
        },
      }),
    });
    const batch = (...ids: string[]) => ids.map((id) => eventInput(id, { text: id }));
    await tell(bench, batch("1", "2", "3", "4"));
    await tell(bench, batch("5"));
    const [first, second] = (await commitsOf(bench)).map((commit) => commit.first);
    expect(story).toEqual([`commit ${first}`, "markers 1 2 3", `commit ${second}`]);
  });
});

describe("after the commit", () => {
  const rejected = new SpineError("queue.rejected", "The queue took nothing.", { retryable: true });

  it("a failed dispatch does not fail the input, and the relay repeats it", async () => {
    let down = true;
    const bench = createBench({
      ports: ({ dispatch }) => ({
        dispatch: { send: (tasks) => (down ? Promise.reject(rejected) : dispatch.send(tasks)) },
      }),
    });
    const [outcome] = await tell(bench, [eventInput("1")]);
    expect(outcome?.verdict.type).toBe("committed");
    expect(bench.sent).toEqual([]);
    expect(bench.troubles).toHaveLength(1);
    down = false;
    const relay = createRelay(bench.engine, {
      deadlines: { arm: () => Promise.resolve() },
      publish: { publish: () => Promise.resolve([]) },
    });
    expect(await relay(bench.records)).toEqual([]);
    expect(bench.sent.map(({ agent }) => agent)).toEqual(["writer"]);
  });

  it("reports the outcome of each agent's work to the breakers", async () => {
    const { bench, reports } = reportingBench();
    const advance = createAdvanceSession(bench.engine);
    await tell(bench, [eventInput("1")]);
    await advance(KEY, [answerInput(bench, failure())], PATIENT);
    bench.clock.advanceBy(5_000);
    await advance(KEY, [{ kind: "deadline", at: bench.clock.now() }], PATIENT);
    await advance(KEY, [answerInput(bench, ok({ text: "done" }))], PATIENT);
    expect(reports).toEqual(["writer failed", "writer ok"]);
  });

  it("counts an answer that took nearly all of its time as slow", async () => {
    const { bench, reports } = reportingBench();
    const advance = createAdvanceSession(bench.engine);
    for (const ms of [23_999, 24_000]) {
      await tell(bench, [eventInput(String(ms))]);
      bench.clock.advanceBy(ms);
      await advance(KEY, [answerInput(bench, ok({ text: "done" }))], PATIENT);
    }
    expect(reports).toEqual(["writer ok", "writer slow"]);
  });

  it("counts an agent's timeout", async () => {
    const { bench, reports } = reportingBench();
    await tell(bench, [eventInput("1")]);
    bench.clock.advanceBy(120_000);
    await createAdvanceSession(bench.engine)(KEY, [{ kind: "deadline", at: bench.clock.now() }], PATIENT);
    expect(reports).toEqual(["writer timed-out"]);
  });

  it("records the breakers' states, and does not call an agent whose breaker is open", async () => {
    const bench = createBench({
      ports: () => ({
        health: {
          breakerStates: () => Promise.resolve({ writer: "open" as const }),
          report: () => undefined,
        },
      }),
    });
    await tell(bench, [eventInput("1")]);
    expect((await commitsOf(bench))[0]?.seen.breakers).toEqual({ writer: "open" });
    expect(bench.sent).toEqual([]);
    expect(await typesOf(bench)).toContain("AgentUnavailable");
  });

  it("the log contains no token", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    expect(bench.records[0]?.commit.text).not.toContain(lastSent(bench).token);
  });
});
