import { describe, expect, it } from "vitest";
import * as z from "zod";
import { reply, sequence, step, transform } from "#core/flow/build.ts";
import type { Input } from "#core/session/input.ts";
import { SpineError } from "#core/errors.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createAdvanceSession } from "#runtime/advance-session.ts";
import { createRelay } from "#runtime/create-relay.ts";
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
  tell,
  typesOf,
  writer,
  type Bench,
} from "./engine.ts";

const PATIENT = () => true;
const noting = flowOf(transform({ note: "input.text" }));
const echoing = flowOf(reply("input"));

/** A log that lets somebody else go first before each of the first appends. */
function raced(log: SessionLog, races: number, other: (race: number) => Promise<unknown>): SessionLog {
  let lost = 0;
  return {
    ...log,
    async append(key, commit) {
      if (lost < races) {
        lost += 1;
        await other(lost);
      }
      return log.append(key, commit);
    },
  };
}

const answerInput = (bench: Bench, outcome: Extract<Input, { kind: "answer" }>["outcome"]): Input => {
  const { task, attempt } = lastSent(bench);
  return { kind: "answer", task, attempt, outcome };
};

describe("advancing a session", () => {
  it("commits a batch at once, each input decided on the state after the last", async () => {
    const bench = createBench({ flows: [echoing] });
    const outcomes = await tell(bench, [eventInput("1", 1), eventInput("2", 2), eventInput("3", 3)]);
    const [commit, ...others] = await commitsOf(bench);
    expect(others).toEqual([]);
    expect(commit?.inputs.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(
      commit?.inputs.map(({ first }) => ({ type: "committed", sequence: first })),
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

  it("decides again on what a faster writer left, and commits each input once", async () => {
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

  it("finds an input that a faster writer brought as well to be a duplicate", async () => {
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

  it("gives up when its patience ends, with nothing half done", async () => {
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

  it("makes an answer whose schema itself throws a failed one, alone", async () => {
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

  it("makes an answer that its schema turns into something without a JSON form a failed one", async () => {
    const big = contractOf("big", { output: z.string().transform((text) => BigInt(text)) });
    const bench = createBench({ agents: [big], flows: [flowOf(step(big))] });
    await tell(bench, [eventInput("1")]);
    await createAdvanceSession(bench.engine)(KEY, [answerInput(bench, ok("12"))], PATIENT);
    expect(await typesOf(bench)).toContain("AttemptFailed");
  });
});

describe("duplicates", () => {
  it("are known by the window, with the sequence of the first", async () => {
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

  it("are known by their markers after they left the window", async () => {
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

  it("have their markers before the commit that forgets them, and never for an id of that commit", async () => {
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

describe("sizes", () => {
  it("split a batch over 300 KB into several commits, in order", async () => {
    const bench = createBench({ flows: [flowOf(reply("1"))], limits: { contextBytes: 10_000_000 } });
    const ids = ["1", "2", "3", "4"];
    await tell(
      bench,
      ids.map((id) => eventInput(id, bulk(110_000))),
    );
    const commits = await commitsOf(bench);
    expect(commits.length).toBeGreaterThan(1);
    expect(commits.length).toBeLessThan(4);
    expect(commits.flatMap(({ inputs }) => inputs.map(({ id }) => id))).toEqual(ids);
  });

  it("quarantine an event that no commit can hold, and go on with the others", async () => {
    const bench = createBench({ flows: [echoing] });
    const outcomes = await tell(bench, [
      eventInput("1", "a"),
      eventInput("2", bulk(200_000)),
      eventInput("3", "c"),
    ]);
    expect(outcomes.map(({ verdict }) => verdict)).toMatchObject([
      { type: "committed" },
      { type: "refused", code: "commit.too-large" },
      { type: "committed" },
    ]);
  });

  it("do not blame an input for the size of the one before it that somebody else recorded", async () => {
    const other = createBench({ flows: [echoing], seed: "other" });
    const large = eventInput("large", bulk(200_000));
    const bench = createBench({
      flows: [echoing],
      ports: () => ({ log: raced(other.log, 1, () => tell(other, [large])) }),
    });
    const outcomes = await tell(bench, [large, eventInput("small", "s")]);
    expect(outcomes[1]?.verdict.type).toBe("committed");
  });

  it("make an answer that no commit can hold a failed one, so that its task goes on", async () => {
    const talker = contractOf("talker");
    const bench = createBench({
      agents: [talker],
      flows: [flowOf(sequence(step(talker), reply("talker")))],
    });
    await tell(bench, [eventInput("1")]);
    await createAdvanceSession(bench.engine)(KEY, [answerInput(bench, ok(bulk(190_000)))], PATIENT);
    const failed = (await bench.reader.events(KEY)).find(({ type }) => type === "AttemptFailed");
    expect(failed).toMatchObject({ data: { error: { code: "commit.too-large" } } });
    expect((await bench.reader.current(KEY)).runs).toEqual({});
  });

  it("send a view over 48 KB as a link, by which the whole view is found", async () => {
    const bench = createBench();
    const text = bulk(60_000);
    await tell(bench, [eventInput("1", { text })]);
    const { view, linked, viewUrl } = lastSent(bench);
    expect(linked).toBe(true);
    expect(JSON.stringify(view).length).toBeLessThan(1_000);
    const fetched = (await (await fetch(viewUrl ?? "")).json()) as unknown;
    expect(fetched).toEqual({ input: { text } });
    // The order in the log is small as well, and holds no URL that would expire.
    const [order] = (await commitsOf(bench))[0]?.directives ?? [];
    expect(JSON.stringify(order)).not.toContain("data:");
  });

  it("send a view of up to 48 KB as it is", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1", { text: bulk(47_000) })]);
    expect(lastSent(bench)).toMatchObject({ linked: false, view: { input: { text: bulk(47_000) } } });
  });
});

describe("snapshots", () => {
  it("stand in every sixteenth commit at least, and what is folded through them is the state", async () => {
    const bench = createBench({ flows: [flowOf(transform({ note: "input.text" }))] });
    // A state that is larger than the commits since: only the number of commits asks for a snapshot.
    await tell(bench, [eventInput("0", { text: bulk(90_000) })]);
    for (let n = 1; n <= 40; n += 1) await tell(bench, [eventInput(String(n), { text: "" })]);
    const commits = await commitsOf(bench);
    const marks = commits.flatMap(({ snapshot }, index) => (snapshot === undefined ? [] : [index]));
    expect(marks.length).toBeGreaterThan(1);
    const gaps = marks.map((mark, index) => mark - (marks[index - 1] ?? -1));
    expect(Math.max(...gaps, commits.length - (marks.at(-1) ?? 0))).toBeLessThanOrEqual(16);
    expect((await bench.reader.current(KEY)).ids.at(-1)?.id).toBe("40");
    expect((await bench.log.readTail(KEY)).length).toBeLessThanOrEqual(16);
  });

  it("over 100 KB are blobs, and are read back from there", async () => {
    const bench = createBench({ flows: [noting] });
    const text = bulk(120_000);
    await tell(bench, [eventInput("big", { text })]);
    for (let n = 1; n <= 20; n += 1) await tell(bench, [eventInput(String(n), { text: "small" })]);
    await tell(bench, [eventInput("big again", { text })]);
    for (let n = 21; n <= 40; n += 1) await tell(bench, [eventInput(String(n), { text })]);
    const blobs = (await commitsOf(bench)).flatMap(({ snapshot }) =>
      snapshot !== undefined && "blob" in snapshot ? [snapshot.blob] : [],
    );
    expect(blobs.length).toBeGreaterThan(0);
    for (const blob of blobs) expect(await bench.engine.blobs.get(blob)).toBeDefined();
    expect((await bench.reader.current(KEY)).context["note"]).toBe(text);
  });

  it("never make a commit larger than an item may be, whatever the alphabet", async () => {
    const bench = createBench({ flows: [noting] });
    for (let n = 0; n <= 20; n += 1) await tell(bench, [eventInput(String(n), { text: bulk(30_000, "水") })]);
    const sizes = bench.records.map(({ commit }) => Buffer.byteLength(commit.text));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(300_500);
    expect((await commitsOf(bench)).some(({ snapshot }) => snapshot !== undefined)).toBe(true);
  });
});

describe("after the commit", () => {
  const rejected = new SpineError("queue.rejected", "The queue took nothing.", { retryable: true });

  it("a dispatch that fails does not fail the input, and the relay repeats it", async () => {
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
    const nothing = {
      arm: () => Promise.resolve(),
      publish: () => Promise.resolve(),
      deliver: () => Promise.resolve(),
    };
    const relay = createRelay(bench.engine, { deadlines: nothing, publish: nothing, subscriptions: nothing });
    expect(await relay(bench.records)).toEqual([]);
    expect(bench.sent.map(({ agent }) => agent)).toEqual(["writer"]);
  });

  it("tells the breakers what became of each agent's work", async () => {
    const reports: string[] = [];
    const bench = createBench({
      ports: () => ({
        health: {
          verdicts: () => Promise.resolve({}),
          report: (agent, outcome) => void reports.push(`${agent} ${outcome}`),
        },
      }),
    });
    const advance = createAdvanceSession(bench.engine);
    await tell(bench, [eventInput("1")]);
    await advance(KEY, [answerInput(bench, failure())], PATIENT);
    bench.clock.advanceBy(5_000);
    await advance(KEY, [{ kind: "deadline", at: bench.clock.now() }], PATIENT);
    await advance(KEY, [answerInput(bench, ok({ text: "done" }))], PATIENT);
    expect(reports).toEqual(["writer failed", "writer ok"]);
  });

  it("counts an agent that ran out of time", async () => {
    const reports: string[] = [];
    const bench = createBench({
      ports: () => ({
        health: {
          verdicts: () => Promise.resolve({}),
          report: (agent, outcome) => void reports.push(`${agent} ${outcome}`),
        },
      }),
    });
    await tell(bench, [eventInput("1")]);
    bench.clock.advanceBy(120_000);
    await createAdvanceSession(bench.engine)(KEY, [{ kind: "deadline", at: bench.clock.now() }], PATIENT);
    expect(reports).toEqual(["writer timed-out"]);
  });

  it("records what the breakers said, and does not call an agent whose breaker is open", async () => {
    const bench = createBench({
      ports: () => ({
        health: { verdicts: () => Promise.resolve({ writer: "open" as const }), report: () => undefined },
      }),
    });
    await tell(bench, [eventInput("1")]);
    expect((await commitsOf(bench))[0]?.seen.breakers).toEqual({ writer: "open" });
    expect(bench.sent).toEqual([]);
    expect(await typesOf(bench)).toContain("AgentUnavailable");
  });

  it("has written no token", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    expect(bench.records[0]?.commit.text).not.toContain(lastSent(bench).token);
  });
});
