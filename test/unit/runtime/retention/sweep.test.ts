import { beforeEach, describe, expect, it } from "vitest";
import { SpineError } from "#core/errors.ts";
import { parseTenantId } from "#core/ids.ts";
import { readTombstone } from "#core/session/tombstone.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { createRelay } from "#runtime/relay/create-relay.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import { answerOf, bulk, commitsOf, eventInput, KEY, lastSent, ok, START, tell } from "../engine.ts";
import { PURGE_AFTER_MS, createSweepBench, RETENTION_MS } from "./bench.ts";

type SweepBench = ReturnType<typeof createSweepBench>;
const NONE = { expired: 0, purged: 0, kept: 0, forgotten: 0, unreadable: 0, failed: 0, done: true };
const away = new SpineError("log.unavailable", "The table does not answer.", { retryable: true });
const caller = { tenant: KEY.tenant, source: "shop" };

/** Answers the task under way, so that the session is idle. */
async function finish(bench: SweepBench): Promise<void> {
  await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "done" })));
}

/** A session that has come to its end, and is noted. */
async function finished(bench: SweepBench): Promise<void> {
  await tell(bench, [eventInput("1")]);
  await bench.notes.began(KEY, START);
  await finish(bench);
}

const firsts = async ({ log }: SweepBench) =>
  (await log.readAfter(KEY, 0, 100)).map(({ first, text }) =>
    readTombstone(KEY, text) === undefined ? first : `tombstone ${first}`,
  );

describe("the sweep", () => {
  let bench: SweepBench;
  beforeEach(() => {
    bench = createSweepBench();
  });

  it("puts a tombstone on a session after its retention, and removes the rest later", async () => {
    await finished(bench);
    const commits = await bench.log.readAfter(KEY, 0, 100);
    const last = commits.at(-1);
    bench.clock.advanceTo(START + RETENTION_MS);
    expect(await bench.sweepWith()).toEqual({ ...NONE, expired: 1 });
    expect(await firsts(bench)).toEqual([
      ...commits.map(({ first }) => first),
      `tombstone ${(last?.last ?? 0) + 1}`,
    ]);
    const [stands] = await bench.log.readTail(KEY);
    expect(readTombstone(KEY, stands?.text ?? "")).toEqual({
      ...KEY,
      first: (last?.last ?? 0) + 1,
      previous: bench.engine.digest.sha256(last?.text ?? ""),
      endedAt: START,
      expiredAt: START + RETENTION_MS,
      until: START + RETENTION_MS + 90 * 86_400_000,
    });
    expect(await bench.sweepWith()).toEqual(NONE);
    bench.clock.advanceBy(PURGE_AFTER_MS);
    expect(await bench.sweepWith()).toEqual({ ...NONE, purged: 1 });
    expect(await firsts(bench)).toEqual([`tombstone ${(last?.last ?? 0) + 1}`]);
    expect(await bench.noted()).toEqual([]);
  });

  it("keeps a session with a younger commit, and checks it again at its time", async () => {
    await tell(bench, [eventInput("1")]);
    await bench.notes.began(KEY, START);
    bench.clock.advanceBy(5_000);
    await finish(bench);
    bench.clock.advanceTo(START + RETENTION_MS);
    expect(await bench.sweepWith()).toEqual({ ...NONE, kept: 1 });
    expect(await bench.noted()).toEqual([START + 5_000 + RETENTION_MS]);
  });

  it("never expires an active session", async () => {
    await tell(bench, [eventInput("1")]);
    await bench.notes.began(KEY, START);
    const before = await bench.log.readAfter(KEY, 0, 100);
    for (let look = 1; look <= 3; look += 1) {
      bench.clock.advanceTo(START + look * RETENTION_MS);
      expect(await bench.sweepWith()).toEqual({ ...NONE, kept: 1 });
    }
    expect(await bench.log.readAfter(KEY, 0, 100)).toEqual(before);
  });

  it("keeps a session alive when an event is first: the tombstone loses the race for its place", async () => {
    await finished(bench);
    bench.clock.advanceTo(START + RETENTION_MS);
    let races = 0;
    const log = {
      ...bench.log,
      async append(...append: Parameters<typeof bench.log.append>) {
        if (races++ === 0) await tell(bench, [eventInput("2")]);
        return bench.log.append(...append);
      },
    };
    expect(await bench.sweepWith({ log })).toEqual({ ...NONE, kept: 1 });
    expect((await createSessionReader(bench.engine).current(KEY)).status).toBe("open");
    expect(await bench.noted()).toEqual([START + 2 * RETENTION_MS]);
  });

  it("makes an event lose when the tombstone is first: it begins no new log", async () => {
    await finished(bench);
    bench.clock.advanceTo(START + RETENTION_MS);
    let races = 0;
    const engine = {
      ...bench.engine,
      log: {
        ...bench.log,
        async append(...append: Parameters<typeof bench.log.append>) {
          if (races++ === 0) await bench.sweepWith();
          return bench.log.append(...append);
        },
      },
    };
    const sent = createIngress(engine).send(caller, KEY.session, { type: "Asked", id: "2" });
    const refused = expect(sent).rejects.toMatchObject({ code: "session.expired", retryable: false });
    // Who lost a race comes back after a moment.
    await bench.clock.runBy(1_000);
    await refused;
    expect((await firsts(bench)).at(-1)).toMatch(/^tombstone/);
  });

  it("removes snapshots, views and markers of the session, and nothing of its neighbour", async () => {
    const id = (at: number) => `event ${at}`;
    for (let at = 0; at < 60; at += 1) {
      await tell(bench, [eventInput(id(at), { text: bulk(3_000) })]);
      await finish(bench);
    }
    await bench.notes.began(KEY, START);
    expect(await bench.log.readMarker(KEY, "shop", id(0))).toBeDefined();
    const own = ["snapshots", "views"].map((kind) => `${kind}/${KEY.tenant}/${KEY.session}/a`);
    const others = ["snapshots", "views"].map((kind) => `${kind}/${KEY.tenant}/${KEY.session}0/a`);
    for (const key of [...own, ...others]) await bench.blobs.put(key, "text");
    bench.clock.advanceTo(START + RETENTION_MS);
    await bench.sweepWith();
    bench.clock.advanceBy(PURGE_AFTER_MS);
    expect(await bench.sweepWith()).toEqual({ ...NONE, purged: 1 });
    for (let at = 0; at < 60; at += 1)
      expect(await bench.log.readMarker(KEY, "shop", id(at))).toBeUndefined();
    for (const key of own) expect(await bench.blobs.get(key)).toBeUndefined();
    for (const key of others) expect(await bench.blobs.get(key)).toBe("text");
  });

  it("continues after a crash at any of its calls, and keeps the log readable from its beginning at every moment", async () => {
    for (let crashAt = 1; ; crashAt += 1) {
      const crashed = createSweepBench();
      await finished(crashed);
      crashed.clock.advanceTo(START + RETENTION_MS);
      let calls = 0;
      const breaking = <Args extends readonly unknown[], T>(call: (...args: Args) => Promise<T>) =>
        (async (...args: Args) => {
          calls += 1;
          // Half of the crashes come after the call was performed.
          if (calls === crashAt && crashAt % 2 === 0) await call(...args);
          if (calls === crashAt) throw away;
          return call(...args);
        }) as typeof call;
      const { log, blobs, index } = crashed;
      const ports = {
        log: {
          ...log,
          readTail: breaking(log.readTail),
          append: breaking(log.append),
          readUpTo: breaking(log.readUpTo),
          removeCommits: breaking(log.removeCommits),
          removeMarkers: breaking(log.removeMarkers),
        },
        blobs: { ...blobs, removeAll: breaking(blobs.removeAll) },
        index: { ...index, note: breaking(index.note), forget: breaking(index.forget) },
      };
      await crashed.sweepWith(ports);
      crashed.clock.advanceBy(PURGE_AFTER_MS);
      await crashed.sweepWith(ports);
      const left = (await firsts(crashed)).filter((first) => typeof first === "number");
      expect(left).toEqual(left.length === 0 ? [] : [1, ...left.slice(1)]);
      for (const _ of ["the rest", "what that noted anew"]) {
        crashed.clock.advanceBy(PURGE_AFTER_MS);
        await crashed.sweepWith();
      }
      expect(await firsts(crashed)).toHaveLength(1);
      expect((await firsts(crashed))[0]).toMatch(/^tombstone/);
      expect(await crashed.noted()).toEqual([]);
      if (calls < crashAt) break;
      expect(crashed.troubles, `crash ${crashAt}`).toHaveLength(1);
    }
  });

  it("reports an unreadable session, leaves it unchanged, and checks it again after a day", async () => {
    await finished(bench);
    const damaged = { first: 90, last: 90, text: "{}", snapshot: false };
    await bench.log.append(KEY, damaged);
    bench.clock.advanceTo(START + RETENTION_MS);
    expect(await bench.sweepWith()).toEqual({ ...NONE, unreadable: 1 });
    expect((await bench.log.readTail(KEY)).at(-1)).toEqual(damaged);
    expect(await bench.noted()).toEqual([START + RETENTION_MS + 86_400_000]);
  });

  it("deletes notes of missing sessions, and of tenants that no longer have a retention", async () => {
    await bench.index.note(KEY, START);
    await bench.index.note({ ...KEY, tenant: parseTenantId("other") }, START);
    await tell(bench, [eventInput("1")], { ...KEY, tenant: parseTenantId("other") });
    expect(await bench.sweepWith()).toEqual({ ...NONE, forgotten: 2 });
    expect(await bench.noted()).toEqual([]);
  });
});

describe("an input after the tombstone", () => {
  const expired = { code: "session.expired", retryable: false };

  /** A session that has expired, purged or not, with the task that it once dispatched. */
  async function gone(purged: boolean) {
    const bench = createSweepBench();
    await finished(bench);
    bench.clock.advanceTo(START + RETENTION_MS);
    await bench.sweepWith();
    bench.clock.advanceBy(PURGE_AFTER_MS);
    if (purged) await bench.sweepWith();
    return bench;
  }

  for (const purged of [false, true]) {
    describe(purged ? "whose commits are gone" : "whose commits are still there", () => {
      it("is rejected when it comes from outside, and reads return the same error", async () => {
        const bench = await gone(purged);
        const ingress = createIngress(bench.engine);
        const reader = createSessionReader(bench.engine);
        for (const late of [
          ingress.send(caller, KEY.session, { type: "Asked", id: "1" }),
          ingress.send(caller, KEY.session, { type: "Asked", id: "new" }),
          ingress.answerHuman(caller, KEY.session, "ask", { value: 1 }),
          ingress.command(caller, KEY.session, { type: "stop", reason: "enough" }),
          reader.current(KEY),
          reader.allCommits(KEY),
        ])
          await expect(late).rejects.toMatchObject(expired);
      });

      it("is dropped and reported when it comes from an agent", async () => {
        const bench = await gone(purged);
        const door = createDoor(bench.engine);
        const task = lastSent(bench);
        expect(await door.look(task)).toEqual({ go: false, because: "settled" });
        expect(await door.claim(task, "e1")).toEqual({ go: false, because: "settled" });
        expect(await door.answer(answerOf(task, ok({ text: "late" })))).toEqual({ type: "settled" });
        expect(bench.troubles).toEqual(["a look", "a claim", "an answer"]);
        expect(await firsts(bench)).toEqual(expect.arrayContaining([expect.stringMatching(/^tombstone/)]));
      });

      it("is no longer dispatched by the relay, however late a commit is relayed", async () => {
        const bench = await gone(purged);
        const dispatched = bench.sent.length;
        const published: number[] = [];
        const relay = createRelay(bench.engine, {
          deadlines: { arm: () => Promise.resolve() },
          publish: {
            publish: (advances) => {
              published.push(...advances.map(({ first }) => first));
              return Promise.resolve([]);
            },
          },
          retention: bench.notes,
        });
        expect(await relay(bench.records)).toEqual([]);
        expect(bench.sent).toHaveLength(dispatched);
        expect(published).toEqual(bench.records.map(({ commit }) => commit.first));
      });
    });
  }

  it("leaves a session that is noted again unchanged", async () => {
    const bench = await gone(true);
    await bench.notes.began(KEY, START);
    expect(await bench.sweepWith()).toEqual({ ...NONE, purged: 1 });
    expect(await commitsOf(bench).catch((error: unknown) => error)).toMatchObject(expired);
  });
});

describe("a session's note for retention", () => {
  it("is written by the relay with the first commit only, at the same time however often it is relayed", async () => {
    const bench = createSweepBench();
    await tell(bench, [eventInput("1")]);
    bench.clock.advanceBy(60_000);
    await finish(bench);
    const ports = {
      deadlines: { arm: () => Promise.resolve() },
      publish: { publish: () => Promise.resolve([]) },
      retention: bench.notes,
    };
    for (const _ of ["once", "again"])
      expect(await createRelay(bench.engine, ports)(bench.records)).toEqual([]);
    expect(await bench.noted()).toEqual([START + RETENTION_MS]);
  });

  it("is not written for a tenant whose sessions stay forever", async () => {
    const bench = createSweepBench();
    await bench.notes.began({ ...KEY, tenant: parseTenantId("constructor") }, START);
    expect(await bench.noted()).toEqual([]);
  });
});
