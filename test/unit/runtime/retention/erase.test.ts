import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { parseTenantId } from "#core/ids.ts";
import { readTombstone } from "#core/session/tombstone.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { createErase } from "#runtime/retention/create-erase.ts";
import { createLetterKeeper } from "#runtime/letters/create-letter-keeper.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import { answerOf, digest, eventInput, KEY, lastSent, ok, START, tell, tokens } from "../engine.ts";
import type { KnownOperator } from "#runtime/letters/known-operator.ts";
import { arrived, OPERATOR } from "../letters/bench.ts";
import { PURGE_AFTER_MS, createSweepBench, RETENTION_MS } from "./bench.ts";

const REASON = "asked for on paper";

function createEraseBench({ seals = (): boolean => false } = {}) {
  const bench = createSweepBench();
  const { engine, clock, index, blobs, keys, log, progress } = bench;
  const box = createMemoryLetterBox();
  const filing = createFiling({ box, clock });
  const inbox = { send: () => Promise.resolve() };
  const watch = () => Promise.resolve();
  return {
    ...bench,
    box,
    keep: createLetterKeeper({ stores: engine, box, filing, inbox, watch, clock, digest, tokens, seals }),
    erase: (request: unknown = { ...KEY, reason: REASON }, who: KnownOperator = OPERATOR) =>
      createErase({ log, blobs, keys, progress, index, digest, clock, box })(request, who),
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
}

describe("erasing a session", () => {
  it("leaves no byte of what was said in log, markers and letters, whatever it was", async () => {
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

  it("leaves a tombstone with the reason, behind which nothing begins", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    const { last } = await bench.erase();
    const [stands, ...others] = await bench.log.readAfter(KEY, 0, 100);
    expect(others).toEqual([]);
    expect(readTombstone(KEY, stands?.text ?? "")).toMatchObject({
      first: last + 1,
      endedAt: START,
      expiredAt: START,
      erased: REASON,
    });
    const sent = createIngress(bench.engine).send({ tenant: KEY.tenant, source: "shop" }, KEY.session, {
      type: "Asked",
      id: "again",
    });
    await expect(sent).rejects.toMatchObject({
      code: "session.expired",
      message: expect.stringMatching(/as an operator had it erased/) as string,
    });
  });

  it("removes snapshots and views at once, and again what a late writer stored meanwhile", async () => {
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

  it("lets no letter that comes after it make a key or keep what it says, where letters are sealed", async () => {
    const bench = createEraseBench({ seals: () => true });
    await converse(bench, ["hello"]);
    await bench.erase();
    const written = vi.spyOn(bench.box, "put");
    for (const queue of ["spine-agent-writer-dead.fifo", "spine-relay-retries-dead"])
      expect(await bench.keep(arrived(queue, { ...lastSent(bench), first: 1 }, queue))).toBe("expired");
    expect(written.mock.calls.map(([name]) => name.split("/").at(-1))).toEqual(["expired", "expired"]);
    expect(await bench.stored()).not.toContain("hello");
  });

  it("is refused while something is under way, and removes nothing then", async () => {
    const bench = createEraseBench();
    await tell(bench, [eventInput("1")]);
    const before = await bench.stored();
    await expect(bench.erase()).rejects.toMatchObject({
      code: "input.rejected",
      message: expect.stringMatching(/^Something is under way in acme\/visit-1/) as string,
    });
    expect(await bench.stored()).toBe(before);
  });

  it("is refused for a session that never was, and for what is no request", async () => {
    const bench = createEraseBench();
    await expect(bench.erase()).rejects.toMatchObject({ code: "session.unknown" });
    for (const request of [{ ...KEY }, { ...KEY, reason: "" }, null, { ...KEY, reason: "r", force: true }])
      await expect(bench.erase(request)).rejects.toMatchObject({ code: "input.malformed" });
    await expect(bench.erase({ tenant: "acme", session: "../x", reason: "r" })).rejects.toMatchObject({
      code: "id.invalid",
    });
  });

  it("does again what is left, also where the retention was faster", async () => {
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

  it("keeps of a letter that comes afterwards that it came, and not what it said", async () => {
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

  it("takes its key for good, its views and the bodies of its letters, and lets it live on", async () => {
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

  it("is refused for a session that never was", async () => {
    await expect(createEraseBench().erase(personal)).rejects.toMatchObject({ code: "session.unknown" });
  });

  it("leaves no key behind when the session itself goes", async () => {
    const bench = createEraseBench();
    await converse(bench, ["hello"]);
    await bench.erase(personal);
    await bench.erase();
    expect(await bench.keys.forSealing(KEY)).toBeDefined();
  });

  it("erases for its own tenant only: another's session is as if it were not there", async () => {
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
