import { describe, expect, it } from "vitest";
import { fallback, sequence, step, transform } from "#core/flow/build.ts";
import { SpineError } from "#core/errors.ts";
import { parseCommit, serializeCommit } from "#core/session/codec.ts";
import { quarantine, type Decision } from "#core/session/decide.ts";
import { nextDue } from "#core/session/decide/due.ts";
import { evolve } from "#core/session/evolve.ts";
import { SCHEMA_VERSION, type Commit } from "#core/session/commit.ts";
import type { Input } from "#core/session/input.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { isIdle } from "#core/session/state.ts";
import { World, type WorldOptions } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, running } from "./sample.ts";

const SMALL = { limits: { contextBytes: 300 } };
const LARGE = "x".repeat(400);
const typesIn = (decision: Decision) => decision.events.map(({ type }) => type);

function unusable(w: World, input: Input): Decision {
  let error: unknown;
  try {
    w.send(input);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(SpineError);
  const seen = { now: w.now, id: "q", limits: SMALL.limits };
  return quarantine({ state: w.state, input, error, seen, book: w.application });
}

describe("an input that cannot be decided", () => {
  it("is recorded as unusable when a producer sent it, and changes nothing else", () => {
    const w = running(step("a"), { world: SMALL });
    const decision = unusable(
      w,
      w.eventInput("Asked", { LARGE }, { session: { note: LARGE }, constraints: {} }),
    );
    expect(typesIn(decision)).toEqual(["InputQuarantined"]);
    expect(decision.verdict).toMatchObject({ type: "refused", code: "context.too-large" });
    expect(decision.state.tasks).toEqual(w.state.tasks);
  });

  it("counts as a failure when it is an answer, so that its task continues", () => {
    const w = running(step("a", { fallback: fallback.value("small") }), { world: SMALL });
    const decision = unusable(w, w.answerInput("a", { status: "ok", result: LARGE }));
    expect(typesIn(decision)).toEqual([
      "AttemptFailed",
      "FallbackTaken",
      "ValueFilled",
      "ReplySent",
      "RunCompleted",
    ]);
  });

  it("ends its run when the failure cannot be decided either", () => {
    const w = running(step("a", { fallback: fallback.value(LARGE) }), { world: SMALL });
    const decision = unusable(w, w.answerInput("a", { status: "ok", result: LARGE }));
    expect(typesIn(decision)).toEqual(["InputQuarantined", "AttemptFenced", "ReplySent", "RunFailed"]);
    expect(decision.state.runs).toEqual({});
  });

  it("ends the active runs when it is a timer, and queued ones start at the next", () => {
    const plan = step("a", { fallback: fallback.value(LARGE) });
    const w = running(plan, { world: SMALL });
    w.event("Asked");
    w.now = w.nextDue() ?? 0;
    const decision = unusable(w, { kind: "deadline", at: w.now });
    expect(typesIn(decision)).toEqual([
      "InputQuarantined",
      "DeadlinePassed",
      "AttemptFenced",
      "ReplySent",
      "RunFailed",
      "DeadlineArmed",
    ]);
    expect(Object.values(decision.state.runs)).toMatchObject([{ status: "queued" }]);
    expect(nextDue(decision.state)).toBeLessThanOrEqual(w.now);
  });

  it("from the spine itself never blocks a session permanently", () => {
    const w = running(step("a"), { world: { limits: { contextBytes: 300, heldMs: 100 } } });
    w.event("Asked", {}, { ordinal: 3 });
    w.event("Asked", {}, { ordinal: 4 });
    w.event("Asked");
    w.wait(60_000);
    let state = w.state;
    for (let i = 0; i < 6 && !isIdle(state); i++) {
      state = quarantine({
        state,
        input: { kind: "deadline", at: w.now },
        error: new Error("always"),
        seen: { now: w.now, id: `q${i}` },
        book: w.application,
      }).state;
    }
    expect(isIdle(state)).toBe(true);
    expect(state.ordinals).toEqual({ test: { next: 5, held: {} } });
  });
});

describe("letters", () => {
  it("of claimed attempts resolve nothing before their time", () => {
    const w = running(step("a"), { agents: [agent("a", { effect: "once" })] });
    w.claim("a");
    expect(w.letter("a").types).toEqual(["DeadLetterRecorded"]);
    expect(w.pending).toEqual(["a"]);
  });

  it("that carry no attempt are recorded", () => {
    const w = running(step("a"));
    const letter = {
      kind: "letter",
      source: "dlq",
      id: "1",
      hash: "h",
      correlation: "",
      queue: "inbox.fifo",
      reason: "poison",
    } as const;
    expect(w.send(letter).types).toEqual(["DeadLetterRecorded"]);
    expect(w.send(letter).types).toEqual([]);
  });
});

describe("a replay", () => {
  const application = applicationOf([
    flowOf(sequence(step("a"), transform({ "note.n": "a.n + 1" }), step("b"))),
  ]);
  const replayed = (commits: readonly Commit[]) => verifyReplay(commits, application);
  const recorded = (options: WorldOptions = {}): readonly Commit[] => {
    const w = new World(application, options);
    w.event("Asked", { n: 1 });
    w.answer("a", { n: 1 });
    w.answer("b", 2);
    return w.commits;
  };
  const withEvent = (commits: readonly Commit[], type: string, data: Readonly<Record<string, unknown>>) =>
    commits.map((commit) => ({
      ...commit,
      events: commit.events.map((event) =>
        event.type === type ? { ...event, data: { ...event.data, ...data } } : event,
      ),
    })) as readonly Commit[];

  it("finds nothing in an unmodified log", () => {
    expect(replayed(recorded())).toBeUndefined();
    expect(replayed([])).toBeUndefined();
  });

  it("needs the flows that the log names, and none beside those that it holds", () => {
    expect(verifyReplay(recorded({ form: 2 }))).toBeUndefined();
    expect(verifyReplay(recorded())).toMatchObject({
      sequence: 1,
      problem: expect.stringMatching(/^its flow \S+ is not in the library$/) as string,
    });
  });

  it("finds an event that did not follow", () => {
    expect(replayed(withEvent(recorded(), "ContextTransformed", { set: { "note.n": 7 } }))).toMatchObject({
      problem: "ContextTransformed is decided as ContextTransformed",
    });
    expect(replayed(withEvent(recorded(), "AttemptDispatched", { attempt: 2 }))).toBeDefined();
  });

  it("finds a missing event, and an extra one", () => {
    const [first, ...rest] = recorded();
    if (first === undefined) throw new Error("no commits");
    expect(
      replayed([{ ...first, events: first.events.slice(0, -1), last: first.last - 1 }, ...rest]),
    ).toMatchObject({ problem: "more is decided than was recorded" });
    const extra = { type: "DeadlineArmed", data: { at: 5 }, sequence: first.last + 1 } as const;
    expect(replayed([{ ...first, events: [...first.events, extra], last: first.last + 1 }])).toMatchObject({
      problem: "DeadlineArmed is decided as nothing",
    });
  });

  it("finds a dispatch that was not ordered, another clock and a wrong snapshot", () => {
    const commits = recorded();
    expect(replayed(commits.map((commit) => ({ ...commit, directives: [] })))).toMatchObject({
      sequence: 1,
    });
    expect(
      replayed(commits.map((commit) => ({ ...commit, seen: { ...commit.seen, now: 5 } }))),
    ).toBeDefined();
    const w = running(step("a"));
    const snapshot = { ...w.state, sequence: 99 };
    expect(
      verifyReplay(
        w.commits.map((commit) => ({ ...commit, snapshot })),
        w.application,
      ),
    ).toMatchObject({
      problem: "its snapshot is not the fold of the log",
    });
  });

  it("reports a log that cannot be decided at all", () => {
    const lost = recorded().map((commit) => ({
      ...commit,
      seen: { ...commit.seen, triggers: { Asked: ["lost"] } },
    }));
    expect(replayed(lost)).toMatchObject({
      problem: expect.stringContaining("cannot be decided again") as string,
    });
  });
});

describe("a stored commit", () => {
  const [commit] = running(step("a")).commits;
  if (commit === undefined) throw new Error("no commit");
  const stored = (changed: object = {}) => ({
    first: commit.first,
    last: commit.last,
    text: serializeCommit({ ...commit, ...changed }),
  });
  const codeOf = (text: string, changed = stored()) => {
    try {
      parseCommit(commit, { ...changed, text });
    } catch (error) {
      return error instanceof SpineError ? error.code : "other";
    }
    return "none";
  };

  it("reads back as it was written", () => {
    expect(parseCommit(commit, stored())).toEqual(commit);
  });

  it("is rejected when it belongs to another session or position, has a gap or another form, or is not JSON", () => {
    expect(codeOf(stored({ session: "other" }).text)).toBe("log.corrupt");
    expect(codeOf(stored({ first: 2 }).text)).toBe("log.corrupt");
    expect(codeOf(stored({ events: commit.events.slice(1) }).text)).toBe("log.corrupt");
    expect(codeOf(stored({ events: commit.events.toReversed() }).text)).toBe("log.corrupt");
    expect(codeOf(stored({ schemaVersion: SCHEMA_VERSION + 1 }).text)).toBe("log.other-version");
    expect(codeOf("{")).toBe("log.corrupt");
    expect(codeOf("null")).toBe("log.corrupt");
  });

  it("does not fold onto a state that it does not follow, nor with an event of an unknown type", () => {
    const w = running(step("a"));
    expect(() => evolve(w.state, { type: "DeadlineArmed", data: { at: 1 }, sequence: 1 })).toThrow("follows");
    const unknown = { type: "Unheard", data: {}, sequence: w.state.sequence + 1 } as never;
    expect(() => evolve(w.state, unknown)).toThrow("unknown to this version");
  });
});
