import { describe, expect, it } from "vitest";
import { originsOf } from "#core/condition-origins.ts";
import { Effect } from "#core/contract.ts";
import { parallel, reply, sequence, step, transform } from "#core/flow/build.ts";
import { SCHEMA_VERSION } from "#core/session/commit.ts";
import type { Input } from "#core/session/input.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import { SpineError } from "#core/errors.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { sealedLog } from "#runtime/sealing/sealed-stores.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";
import { createAdvanceSession, type Patience } from "#runtime/session/advance-session.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { loadSession } from "#runtime/session/load-session.ts";
import {
  createSessionCache,
  MAX_STATE_AGE_MS,
  type CachedSession,
  type SessionCacheOptions,
} from "#runtime/session/session-cache.ts";
import { PURGE_AFTER_MS } from "#runtime/retention/create-sweep.ts";
import {
  contractOf,
  createBench,
  digest,
  eventInput,
  flowOf,
  KEY,
  ok,
  proofOf,
  sessionKey,
  START,
  tell,
  type Bench,
} from "./engine.ts";

const PATIENT: Patience = () => true;
const IMPATIENT: Patience = () => false;
// They may take longer than a state is kept.
const timeoutMs = 400_000;
const writer = contractOf("writer", { timeoutMs });
const asker = contractOf("asker", { timeoutMs });
const payer = contractOf("payer", { timeoutMs, effect: Effect.once });
const steps = flowOf(sequence(step(writer), step(asker), step(payer), reply(`"done"`)));
const noting = flowOf(transform({ note: "input.text" }));

interface Counts {
  reads: number;
  puts: number;
}

/** Processes of one spine, each with what it keeps; the log hands out nothing that was read before. */
function createProcesses(
  options: Parameters<typeof createBench>[0] = { flows: [steps], agents: [writer, asker, payer] },
) {
  const log = createMemorySessionLog();
  const bench = createBench({ ...options, log });
  const start = (given: Partial<SessionCacheOptions> = {}, ports: Partial<Engine> = {}) => {
    const counts: Counts = { reads: 0, puts: 0 };
    const inner = ports.log ?? log;
    const engine: Engine = {
      ...bench.engine,
      ...ports,
      log: {
        ...inner,
        readings: undefined,
        readTail: (key) => {
          counts.reads += 1;
          return inner.readTail(key);
        },
        append: (key, commit) => {
          counts.puts += 1;
          return inner.append(key, commit);
        },
      },
      cache: createSessionCache({ clock: bench.clock, ...given }),
    };
    const advance = createAdvanceSession(engine);
    return {
      engine,
      door: createDoor(engine),
      counts,
      advance: (inputs: readonly Input[], patience = PATIENT) => advance(KEY, inputs, patience),
      /** What the log was asked for while something was done. */
      async during(work: () => Promise<unknown>): Promise<Counts> {
        const { reads, puts } = counts;
        await work();
        return { reads: counts.reads - reads, puts: counts.puts - puts };
      },
    };
  };
  return { ...bench, start };
}

const sentTo = ({ sent }: Pick<Bench, "sent">, agent: string): TaskMessage => {
  const found = sent.findLast((message) => message.agent === agent);
  if (found === undefined) throw new Error(`Nothing was dispatched to ${agent}.`);
  return found;
};
const answerOf = ({ task, attempt }: TaskMessage, outcome = ok({ text: "t" })): Input => ({
  kind: "answer",
  task,
  attempt,
  outcome,
});
const claimOf = ({ task, attempt }: TaskMessage, execution: string): Input => ({
  kind: "claim",
  task,
  attempt,
  execution,
});

describe("the cache of sessions", () => {
  const clock = createMovableClock(START);
  const loaded = async (size: number, readAt = clock.now()): Promise<CachedSession> => {
    const { engine } = createBench();
    return { ...(await loadSession(engine, KEY)), size, readAt, cipher: undefined };
  };

  it("hands out a state once: whoever commits on it keeps what comes of that", async () => {
    const cache = createSessionCache({ clock });
    const session = await loaded(10);
    expect(cache.take(KEY)).toBeUndefined();
    cache.keep(KEY, session);
    expect(cache.take(sessionKey("another"))).toBeUndefined();
    expect(cache.take(KEY)).toBe(session);
    expect(cache.take(KEY)).toBeUndefined();
  });

  it("keeps a state for five minutes from the read on which it stands, however young its last commit is", async () => {
    const cache = createSessionCache({ clock });
    const session = await loaded(10);
    clock.advanceBy(MAX_STATE_AGE_MS - 1);
    cache.keep(KEY, session);
    expect(cache.take(KEY)).toBe(session);
    cache.keep(KEY, session);
    clock.advanceBy(1);
    expect(cache.take(KEY)).toBeUndefined();
  });

  it("forgets states long before retention removes commits", () => {
    expect(MAX_STATE_AGE_MS).toBe(5 * 60_000);
    expect(MAX_STATE_AGE_MS).toBeLessThanOrEqual(PURGE_AFTER_MS / 4);
  });

  it("makes room for a state by what was kept first, and takes none that is too large", async () => {
    const cache = createSessionCache({ clock, mostCharacters: 100 });
    const [one, two, three, four] = ["one", "two", "three", "four"].map(sessionKey);
    if (!one || !two || !three || !four) throw new Error("four sessions");
    for (const key of [one, two]) cache.keep(key, await loaded(40));
    // Kept again, it is the younger one.
    cache.keep(one, await loaded(40));
    cache.keep(three, await loaded(60));
    expect(cache.take(two)).toBeUndefined();
    expect(cache.take(one)?.size).toBe(40);
    cache.keep(four, await loaded(101));
    expect(cache.take(four)).toBeUndefined();
    expect(cache.take(three)).toBeUndefined();
    // What is gone takes no room.
    cache.keep(one, await loaded(100));
    expect(cache.take(one)?.size).toBe(100);
  });
});

describe("an input that comes to the process which committed last", () => {
  it("needs no read, and its commit follows as if it had been read", async () => {
    const spine = createProcesses();
    const process = spine.start();
    expect(await process.during(() => process.advance([eventInput("1")]))).toEqual({ reads: 1, puts: 1 });
    for (const agent of ["writer", "asker"])
      expect(await process.during(() => process.advance([answerOf(sentTo(spine, agent))]))).toEqual({
        reads: 0,
        puts: 1,
      });
    const payment = sentTo(spine, "payer");
    const claim = () => process.advance([claimOf(payment, "e-1")]);
    expect(await process.during(claim)).toEqual({ reads: 0, puts: 1 });
    expect(await process.during(() => process.advance([answerOf(payment)]))).toEqual({ reads: 0, puts: 1 });
    const commits = spine.records.map(({ commit }) => commit);
    expect(commits).toHaveLength(5);
    const hashes = commits.map(({ text }) => digest.sha256(text));
    const previous = (await spine.reader.allCommits(KEY)).map((commit) => commit.previous);
    expect(previous).toEqual(["", ...hashes.slice(0, -1)]);
    expect((await spine.reader.current(KEY)).runs).toEqual({});
  });

  it("gets its snapshots when readers would otherwise fold too many commits", async () => {
    const spine = createProcesses({ flows: [noting] });
    const process = spine.start({ soleWriter: true });
    for (let at = 0; at < 40; at += 1) await process.advance([eventInput(`e${at}`, { text: `t${at}` })]);
    const plain = createBench({ flows: [noting] });
    for (let at = 0; at < 40; at += 1) await tell(plain, [eventInput(`e${at}`, { text: `t${at}` })]);
    const shape = ({ records }: Bench) => records.map(({ commit }) => [commit.first, commit.snapshot]);
    expect(shape(spine)).toEqual(shape(plain));
    expect(process.counts.reads).toBe(1);
  });

  it("is read after five minutes, and no commit in between makes it younger", async () => {
    const spine = createProcesses();
    const process = spine.start();
    await process.advance([eventInput("1")]);
    spine.clock.advanceBy(MAX_STATE_AGE_MS - 1);
    const next = (agent: string) => () => process.advance([answerOf(sentTo(spine, agent))]);
    expect((await process.during(next("writer"))).reads).toBe(0);
    spine.clock.advanceBy(1);
    expect((await process.during(next("asker"))).reads).toBe(1);
  });

  it("is read after a put whose acknowledgement was lost, and found to be there", async () => {
    const spine = createProcesses();
    let isLost = false;
    const inner = spine.log;
    const log: Engine["log"] = {
      ...inner,
      async append(key, commit) {
        const appended = await inner.append(key, commit);
        if (!isLost) return appended;
        isLost = false;
        throw new SpineError("log.unavailable", "No answer.", { retryable: true });
      },
    };
    const process = spine.start({}, { log });
    await process.advance([eventInput("1")]);
    const answer = answerOf(sentTo(spine, "writer"));
    isLost = true;
    await expect(process.advance([answer])).rejects.toMatchObject({ code: "log.unavailable" });
    const again = await process.advance([answer]);
    expect(again[0]?.verdict).toMatchObject({ type: "nothing" });
    expect(process.counts).toEqual({ reads: 2, puts: 2 });
  });
});

describe("a state that is not the newest any more", () => {
  /** One process knows of the first event only; the other has gone on. */
  async function apart() {
    const spine = createProcesses({
      flows: [
        flowOf(
          sequence(parallel({ branches: { a: step(writer), b: step(asker) } }), step(payer), reply(`"done"`)),
        ),
      ],
      agents: [writer, asker, payer],
    });
    const [old, newer] = [spine.start(), spine.start()];
    await old.advance([eventInput("1")]);
    await newer.advance([answerOf(sentTo(spine, "writer"))]);
    return { spine, old, newer };
  }

  it("loses its race, which is not counted as one, and the session is read anew", async () => {
    const { spine, old } = await apart();
    const answer = answerOf(sentTo(spine, "asker"));
    const work = async () =>
      expect((await old.advance([answer], IMPATIENT))[0]?.verdict).toMatchObject({ type: "committed" });
    expect(await old.during(work)).toEqual({ reads: 1, puts: 2 });
    // It is kept again.
    const claim = claimOf(sentTo(spine, "payer"), "e-1");
    expect(await old.during(() => old.advance([claim]))).toEqual({ reads: 0, puts: 1 });
  });

  it("grants no claim again without a read", async () => {
    const spine = createProcesses({
      flows: [flowOf(sequence(step(payer), reply(`"done"`)))],
      agents: [payer],
    });
    const process = spine.start();
    await process.advance([eventInput("1")]);
    const payment = sentTo(spine, "payer");
    const claim = async (execution: string, result: object) =>
      expect(await process.door.claim(proofOf(payment), execution)).toEqual(result);
    expect(await process.during(() => claim("e-1", { go: true }))).toEqual({ reads: 0, puts: 1 });
    expect(await process.during(() => claim("e-1", { go: true }))).toEqual({ reads: 1, puts: 0 });
    const refused = { go: false, because: "claimed" };
    // It may be read once more, for what may be handed over with it.
    const { reads, puts } = await process.during(() => claim("e-2", refused));
    expect(puts).toBe(0);
    expect(reads).toBeGreaterThan(0);
  });

  it("gives no verdict without a commit: all inputs are decided again before any of them is committed", async () => {
    const spine = createProcesses({ flows: [noting] });
    const [old, newer] = [spine.start({ soleWriter: true }), spine.start()];
    await old.advance([eventInput("1", { text: "a" })]);
    await newer.advance([eventInput("2", { text: "b" })]);
    const inputs = [
      eventInput("3", { text: "c" }),
      eventInput("1", { text: "a" }),
      eventInput("2", { text: "b" }),
    ];
    const work = async () => {
      const outcomes = await old.advance(inputs, IMPATIENT);
      expect(outcomes.map(({ verdict }) => verdict.type)).toEqual(["committed", "duplicate", "duplicate"]);
    };
    expect(await old.during(work)).toEqual({ reads: 1, puts: 1 });
  });

  it("hides no commit that only a newer version can read", async () => {
    const { spine, old } = await apart();
    const last = (await spine.log.readTail(KEY)).at(-1)?.last ?? 0;
    const text = JSON.stringify({ schemaVersion: SCHEMA_VERSION + 1, first: last + 1, last: last + 1 });
    await spine.log.append(KEY, { first: last + 1, last: last + 1, text, snapshot: false });
    await expect(old.advance([answerOf(sentTo(spine, "asker"))])).rejects.toMatchObject({
      code: "log.other-version",
    });
  });

  it("is not tried for what says nothing of the state that it needs", async () => {
    const { spine, old, newer } = await apart();
    const first = sentTo(spine, "writer");
    await newer.advance([answerOf(sentTo(spine, "asker"))]);
    await old.advance([eventInput("2")]);
    for (const input of [eventInput("3"), { kind: "deadline", at: START } as const, answerOf(first)])
      expect(await old.during(() => old.advance([input]))).toMatchObject({ reads: 1 });
    // A task that the process has never heard of.
    const other = createProcesses();
    const process = other.start();
    await process.advance([eventInput("1")]);
    const unknown = answerOf({ ...sentTo(other, "writer"), attempt: 2 });
    expect(await process.during(() => process.advance([unknown]))).toEqual({ reads: 1, puts: 0 });
  });

  it("is never what a look or a heartbeat is answered from", async () => {
    const spine = createProcesses();
    const process = spine.start();
    await process.advance([eventInput("1")]);
    const proof = proofOf(sentTo(spine, "writer"));
    for (const ask of [() => process.door.look(proof), () => process.door.beat(proof)])
      expect(await process.during(ask)).toEqual({ reads: 1, puts: 0 });
  });
});

describe("a session with personal values", () => {
  const flows = [flowOf(sequence(step(writer), step(asker), step(payer), reply(`"done"`)))];

  function createSealed() {
    const keys = createMemorySessionKeys();
    const sealing = createSealing({
      keys,
      paths: { "*": ["input"] },
      originsOf,
    });
    const spine = createProcesses({ flows, agents: [writer, asker, payer] });
    const log = sealedLog({ ...spine.log, readings: undefined }, sealing, digest);
    return { spine, keys, process: spine.start({}, { log, personal: sealing }) };
  }

  it("goes on from a kept state while the process holds its key, chained by what is stored", async () => {
    const { spine, process } = createSealed();
    await process.advance([eventInput("1", { email: "a@b" })]);
    await process.advance([answerOf(sentTo(spine, "writer"))]);
    const next = () => process.advance([answerOf(sentTo(spine, "asker"))]);
    expect(await process.during(next)).toEqual({ reads: 0, puts: 1 });
    const stored = spine.records.map(({ commit }) => commit.text);
    expect(stored.join()).not.toContain("a@b");
    const previous = stored.map((text) => (JSON.parse(text) as { readonly previous: string }).previous);
    expect(previous).toEqual(["", ...stored.slice(0, -1).map((text) => digest.sha256(text))]);
  });

  it("is read again once its key is erased", async () => {
    const { spine, keys, process } = createSealed();
    await process.advance([eventInput("1", { email: "a@b" })]);
    await process.advance([answerOf(sentTo(spine, "writer"))]);
    await keys.erase(KEY, "asked for");
    for (const agent of ["asker", "payer"]) {
      const next = () => process.advance([answerOf(sentTo(spine, agent))]);
      expect(await process.during(next)).toEqual({ reads: 1, puts: 1 });
    }
  });
});
