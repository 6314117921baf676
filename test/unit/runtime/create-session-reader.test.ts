import { describe, expect, it } from "vitest";
import { transform } from "#core/flow/build.ts";
import { evolve } from "#core/session/evolve.ts";
import { initialState } from "#core/session/state.ts";
import { foldCommits, stateWithin } from "#core/session/fold.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import {
  answerOf,
  bulk,
  createBench,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  sessionKey,
  tell,
  type Bench,
} from "./engine.ts";

const noting = flowOf(transform({ note: "input.text" }));

/** A session with commits of several events, snapshots in the commits and one in a blob. */
async function longSession(): Promise<Bench> {
  const bench = createBench({ flows: [noting], limits: { idWindow: 4 } });
  for (let n = 0; n < 20; n += 1)
    await tell(bench, [eventInput(`${n}a`, { text: `${n}` }), eventInput(`${n}b`, { text: `again ${n}` })]);
  await tell(bench, [eventInput("big", { text: bulk(120_000) })]);
  for (let n = 20; n < 40; n += 1) await tell(bench, [eventInput(`${n}`, { text: `${n}` })]);
  return bench;
}

describe("the state at a sequence", () => {
  it("is the fold of the commits up to it, for every sequence, snapshots or not", async () => {
    const bench = await longSession();
    const commits = await bench.reader.allCommits(KEY);
    expect(commits.some(({ snapshot }) => snapshot !== undefined)).toBe(true);
    let before = initialState(KEY.tenant, KEY.session);
    expect(await bench.reader.stateAt(KEY, 0)).toEqual(before);
    for (const commit of commits) {
      for (let n = commit.first; n <= commit.last; n += 1)
        expect(await bench.reader.stateAt(KEY, n)).toEqual(stateWithin(before, commit, n));
      before = foldCommits(KEY, [...commits.slice(0, commits.indexOf(commit) + 1)], () => undefined);
    }
    expect(await bench.reader.current(KEY)).toEqual(before);
  });

  it("within a commit includes the events up to it", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    const [first, second] = await bench.reader.events(KEY);
    if (first === undefined || second === undefined) throw new Error("The commit has too few events.");
    const folded = [first, second].reduce(evolve, initialState(KEY.tenant, KEY.session));
    const [{ seen } = { seen: { now: NaN } }] = await bench.reader.commitsAfter(KEY, 0, 1);
    // All of a commit is of the moment of its decision.
    expect(await bench.reader.stateAt(KEY, 2)).toEqual({ ...folded, time: seen.now });
  });

  it("that was never reached is unknown", async () => {
    const bench = createBench();
    await tell(bench, [eventInput("1")]);
    const { sequence } = await bench.reader.current(KEY);
    for (const [key, n] of [
      [KEY, sequence + 1],
      [sessionKey("nobody"), 1],
    ] as const)
      await expect(bench.reader.stateAt(key, n)).rejects.toMatchObject({ code: "session.unknown" });
  });
});

describe("reading a log", () => {
  it("returns events numbered consecutively across all pages", async () => {
    const bench = createBench({ flows: [noting] });
    for (let n = 0; n < 230; n += 1) await tell(bench, [eventInput(`${n}`, { text: `${n}` })]);
    const numbers = (await bench.reader.events(KEY)).map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(await bench.reader.allCommits(KEY)).toHaveLength(230);
  });

  it("continues after a sequence, page by page", async () => {
    const bench = createBench({ flows: [noting] });
    for (let n = 0; n < 5; n += 1) await tell(bench, [eventInput(`${n}`, { text: `${n}` })]);
    const all = await bench.reader.allCommits(KEY);
    expect(await bench.reader.commitsAfter(KEY, all[1]?.last ?? 0, 2)).toEqual(all.slice(2, 4));
  });
});

describe("the chain of hashes", () => {
  const reading = (bench: Bench, alter: (stored: StoredCommit, index: number) => StoredCommit) => {
    const log: SessionLog = {
      ...bench.log,
      readAfter: async (...asked) => (await bench.log.readAfter(...asked)).map(alter),
    };
    return createSessionReader({ ...bench.engine, log });
  };

  async function threeCommits(): Promise<Bench> {
    const bench = createBench();
    await tell(bench, [eventInput("1", { text: "hello" })]);
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "done" })));
    await tell(bench, [eventInput("2")]);
    return bench;
  }

  it("is intact in an unmodified log, across many pages and snapshots", async () => {
    expect(await (await longSession()).reader.brokenLink(KEY)).toBeUndefined();
    expect(await createBench().reader.brokenLink(KEY)).toBeUndefined();
  });

  it("breaks right after an altered commit", async () => {
    const bench = await threeCommits();
    const [, second] = await bench.reader.allCommits(KEY);
    const reader = reading(bench, (stored, index) =>
      index === 0 ? { ...stored, text: stored.text.replace("hello", "hullo") } : stored,
    );
    expect(await reader.brokenLink(KEY)).toBe(second?.first);
  });

  it("breaks at a commit whose link was altered", async () => {
    const bench = await threeCommits();
    const [, , third] = await bench.reader.allCommits(KEY);
    const reader = reading(bench, (stored, index) =>
      index === 2
        ? {
            ...stored,
            text: stored.text.replace(third?.previous ?? "", bench.engine.digest.sha256("forged")),
          }
        : stored,
    );
    expect(await reader.brokenLink(KEY)).toBe(third?.first);
  });
});
