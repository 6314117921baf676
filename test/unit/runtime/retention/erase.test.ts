import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { parseTenantId } from "#core/ids.ts";
import { readTombstone } from "#core/session/tombstone.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import { createMemoryScores } from "#memory/memory-scores.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { createErase } from "#runtime/retention/create-erase.ts";
import { createLetterKeeper } from "#runtime/letters/create-letter-keeper.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import { createForkSession } from "#runtime/session/fork-session.ts";
import { createSessionCache } from "#runtime/session/session-cache.ts";
import { answerOf, digest, eventInput, KEY, lastSent, ok, START, tell, tokens } from "../engine.ts";
import type { KnownOperator } from "#runtime/letters/known-operator.ts";
import { arrived, OPERATOR } from "../letters/bench.ts";
import { PURGE_AFTER_MS, createSweepBench, RETENTION_MS } from "./bench.ts";

const REASON = "asked for on paper";
/** By then nobody goes on from what was before a session's last commit. */
const AT_REST_MS = 6 * 60_000;

function createEraseBench({ seals = (): boolean => false } = {}) {
  const bench = createSweepBench();
  const { engine, clock, index, blobs, keys, log, progress } = bench;
  const box = createMemoryLetterBox();
  const scores = createMemoryScores();
  const filing = createFiling({ box, clock });
  const inbox = { send: () => Promise.resolve() };
  const watch = () => Promise.resolve();
  return {
    ...bench,
    box,
    keep: createLetterKeeper({ stores: engine, box, filing, inbox, watch, clock, digest, tokens, seals }),
    erase: (request: unknown = { ...KEY, reason: REASON }, who: KnownOperator = OPERATOR) =>
      createErase({ log, blobs, keys, progress, scores, index, digest, clock, box })(request, who),
    scores,
    /** Everything that is stored, as one text. */
    async stored(): Promise<string> {
      const commits = await log.readAfter(KEY, 0, 10_000);
      const letters = await box.list("", 1_000);
      const bodies = await Promise.all(letters.map((key) => box.get(key)));
      return JSON.stringify([commits, letters, bodies]);
    },
  };
}
type EraseBench = ReturnType<typeof createEraseBench>;

async function finish(bench: EraseBench, text: string): Promise<void> {
  await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text })));
}

async function converse(bench: EraseBench, texts: readonly string[]): Promise<void> {
  for (const [at, text] of texts.entries()) {
    await tell(bench, [eventInput(`e${at}`, { text })]);
    await bench.keep(arrived("spine-agent-writer-dead.fifo", lastSent(bench), `m-${at}`));
    await finish(bench, text);
  }
  bench.clock.advanceBy(AT_REST_MS);
}

describe("erasing a session", () => {
  it("leaves nothing of its content in log, markers and letters", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-z]{12,40}$/), { minLength: 1, maxLength: 40 }),
        async (texts) => {
          const bench = createEraseBench();
          await converse(bench, texts);
          const before = await bench.stored();
          for (const text of texts) expect(before).toContain(text);
          expect(await bench.erase()).toMatchObject({ letters: texts.length });
          const after = await bench.stored();
          for (const text of texts) expect(after).not.toContain(text);
          for (const at of texts.keys())
            expect(await bench.log.readMarker(KEY, "shop", `e${at}`)).toBeUndefined();
        },
      ),
      { numRuns: 15 },
    );
  });

  it("names the sessions that were forked from it, also when it is done again", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    const forks = createForkSession(bench.engine, () => true);
    const who = { source: "tests" };
    for (const session of ["one", "two"]) await forks.fork(KEY, { session, at: 2 }, who);
    bench.clock.advanceBy(AT_REST_MS);
    expect(await bench.erase({ ...KEY, reason: REASON, personal: true })).toMatchObject({
      forks: ["one", "two"],
    });
    expect(await bench.erase()).toMatchObject({ forks: ["one", "two"] });
    expect(await bench.erase()).toMatchObject({ forks: ["one", "two"] });
  });

  it("leaves a tombstone with the reason, which blocks any new commit", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    const { last } = await bench.erase();
    const [stands, ...others] = await bench.log.readAfter(KEY, 0, 100);
    expect(others).toEqual([]);
    expect(readTombstone(KEY, stands?.text ?? "")).toMatchObject({
      first: last + 1,
      endedAt: START,
      expiredAt: START + AT_REST_MS,
      erased: REASON,
    });
    const sent = createIngress(bench.engine).send({ tenant: KEY.tenant, source: "shop" }, KEY.session, {
      type: "Asked",
      id: "again",
    });
    await expect(sent).rejects.toMatchObject({
      code: "session.expired",
      message: expect.stringMatching(/at an operator's request/) as string,
    });
  });

  it("removes snapshots and views at once, and again those of a late writer", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    const view = `views/${KEY.tenant}/${KEY.session}/a`;
    await bench.blobs.put(view, "hello");
    await bench.erase();
    expect(await bench.blobs.get(view)).toBeUndefined();
    await bench.blobs.put(view, "hello");
    bench.clock.advanceBy(PURGE_AFTER_MS);
    expect(await bench.sweepWith()).toMatchObject({ purged: 1 });
    expect(await bench.blobs.get(view)).toBeUndefined();
    expect(await bench.noted()).toEqual([]);
  });

  it("lets no later letter create a key or keep its content, when letters are sealed", async () => {
    const bench = createEraseBench({ seals: () => true });
    await converse(bench, ["hello"]);
    await bench.erase();
    const written = vi.spyOn(bench.box, "put");
    for (const queue of ["spine-agent-writer-dead.fifo", "spine-relay-retries-dead"])
      expect(await bench.keep(arrived(queue, { ...lastSent(bench), first: 1 }, queue))).toBe("expired");
    expect(written.mock.calls.map(([name]) => name.split("/").at(-1))).toEqual(["expired", "expired"]);
    expect(await bench.stored()).not.toContain("hello");
  });

  it("lets no process go on from what it kept of the session before its last commit", async () => {
    const bench = createEraseBench();
    const cache = createSessionCache({ clock: bench.clock, soleWriter: true });
    const ingress = createIngress({ ...bench.engine, cache });
    const caller = { tenant: KEY.tenant, source: "shop" };
    const ask = (id: string) => ingress.send(caller, KEY.session, { type: "Asked", id, data: {} });
    await ask("1");
    // Another process answers: what the first one kept is old.
    await finish(bench, "hello");
    const { last, commitsAfter } = await bench.erase();
    await expect(ask("2")).rejects.toMatchObject({ code: "session.expired" });
    expect((await bench.log.readAfter(KEY, last, 10)).map(({ first }) => first)).toEqual([last + 1]);

    expect(commitsAfter).toBe(START + PURGE_AFTER_MS);
    expect(await bench.keys.forSealing(KEY)).toBeUndefined();
    expect(await bench.stored()).toContain("hello");
    bench.clock.advanceBy(AT_REST_MS);
    expect(await bench.erase()).toEqual({ last, letters: 0 });
    expect(await bench.stored()).not.toContain("hello");
  });

  it("removes the commits of a young session with the sweep, twenty minutes later", async () => {
    const bench = createEraseBench();
    await tell(bench, [eventInput("1")]);
    await finish(bench, "hello");
    await bench.erase();
    bench.clock.advanceBy(PURGE_AFTER_MS);
    expect(await bench.sweepWith()).toMatchObject({ purged: 1 });
    expect(await bench.stored()).not.toContain("hello");
    expect(await bench.keys.forSealing(KEY)).toBeDefined();
  });

  it("removes the scores at once, also of a young session, and those of a late scorer with the sweep", async () => {
    const bench = createEraseBench();
    const score = { sequence: 5, scorer: "tone", score: 1, time: START };
    await tell(bench, [eventInput("1")]);
    await finish(bench, "hello");
    await bench.scores.put(KEY, score);
    await bench.erase();
    expect(await bench.scores.read(KEY, { limit: 5 })).toEqual([]);
    await bench.scores.put(KEY, score);
    bench.clock.advanceBy(PURGE_AFTER_MS);
    expect(await bench.sweepWith({ scores: bench.scores })).toMatchObject({ purged: 1 });
    expect(await bench.scores.read(KEY, { limit: 5 })).toEqual([]);
  });

  it("is rejected while the session is active, and removes nothing then", async () => {
    const bench = createEraseBench();
    await tell(bench, [eventInput("1")]);
    const before = await bench.stored();
    await expect(bench.erase()).rejects.toMatchObject({
      code: "input.rejected",
      message: expect.stringMatching(/^acme\/visit-1 is still active/) as string,
    });
    expect(await bench.stored()).toBe(before);
  });

  it("is rejected for an unknown session, and for an invalid request", async () => {
    const bench = createEraseBench();
    await expect(bench.erase()).rejects.toMatchObject({ code: "session.unknown" });
    for (const request of [{ ...KEY }, { ...KEY, reason: "" }, null, { ...KEY, reason: "r", force: true }])
      await expect(bench.erase(request)).rejects.toMatchObject({ code: "input.malformed" });
    await expect(bench.erase({ tenant: "acme", session: "../x", reason: "r" })).rejects.toMatchObject({
      code: "id.invalid",
    });
  });

  it("repeats the remaining work, even after retention was faster", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    await bench.notes.began(KEY, START);
    bench.clock.advanceBy(RETENTION_MS);
    await bench.sweepWith();
    expect(await bench.stored()).toContain("hello");
    expect(await bench.erase()).toMatchObject({ letters: 1 });
    expect(await bench.stored()).not.toContain("hello");
    expect(await bench.erase()).toMatchObject({ letters: 0 });
  });

  it("keeps only the fact that a later letter arrived, not its content", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    const task = lastSent(bench);
    await bench.erase();
    const late = arrived("spine-answers-dead.fifo", answerOf(task, ok({ text: "secret" })), "m-late");
    expect(await bench.keep(late)).toBe("expired");
    const stored = await bench.stored();
    expect(stored).toContain("m-late");
    expect(stored).not.toContain("secret");
  });

  it("leaves the letters of other sessions", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    await bench.keep(arrived("spine-deadlines-dead", { ...KEY, session: "visit-10", at: 7 }, "m-other"));
    await bench.erase();
    const bodies = (await bench.box.list("", 100)).filter((key) => key.endsWith("/body"));
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain("visit-10");
  });
});

describe("erasing the personal values of a session", () => {
  const personal = { ...KEY, reason: REASON, personal: true };

  it("deletes its key permanently, its views and the bodies of its letters, and the session continues", async () => {
    const bench = createEraseBench();
    await tell(bench, [eventInput("1")]);
    await bench.keep(arrived("spine-agent-writer-dead.fifo", lastSent(bench)));
    const view = `views/${KEY.tenant}/${KEY.session}/a`;
    await bench.blobs.put(view, "hello");
    await bench.keys.forSealing(KEY);
    const commits = await bench.log.readAfter(KEY, 0, 100);
    // Also while something is under way.
    expect(await bench.erase(personal)).toEqual({ last: commits.at(-1)?.last, letters: 1 });
    expect(await bench.keys.forSealing(KEY)).toBeUndefined();
    expect(await bench.blobs.get(view)).toBeUndefined();
    expect((await bench.box.list("", 100)).filter((key) => key.endsWith("/body"))).toEqual([]);
    expect(await bench.log.readAfter(KEY, 0, 100)).toEqual(commits);
    await finish(bench, "done");
    expect(await bench.erase(personal)).toMatchObject({ letters: 0 });
  });

  it("is rejected for an unknown session", async () => {
    await expect(createEraseBench().erase(personal)).rejects.toMatchObject({ code: "session.unknown" });
  });

  it("leaves no key behind when the session itself is erased", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    await bench.erase(personal);
    await bench.erase();
    expect(await bench.keys.forSealing(KEY)).toBeDefined();
  });

  it("affects its own tenant only: another tenant's session appears missing", async () => {
    const bench = createEraseBench();
    await tell(bench, [eventInput("1")]);
    const before = await bench.stored();
    const stranger = { ...OPERATOR, tenant: parseTenantId("somebody-else") };
    for (const personal of [undefined, true])
      await expect(
        bench.erase({ ...KEY, reason: REASON, ...(personal && { personal }) }, stranger),
      ).rejects.toMatchObject({ code: "session.unknown" });
    expect(await bench.stored()).toBe(before);
  });
});
