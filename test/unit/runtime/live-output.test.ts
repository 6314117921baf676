import { describe, expect, it } from "vitest";
import { originsOf } from "#core/condition-origins.ts";
import { emit, sequence, step } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { LIVE_FORM, LIVE_PAUSE_MS } from "#core/session/live/live-record.ts";
import { RIGHTS } from "#core/rights.ts";
import { createMemoryLiveOutput } from "#memory/memory-live-output.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createProgressDoor } from "#runtime/doors/create-progress-door.ts";
import { createEventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";
import {
  answerOf,
  createBench,
  flowOf,
  KEY,
  lastSent,
  ok,
  proofOf,
  tokens,
  writer,
  writing,
  type BenchOptions,
} from "./engine.ts";

const CALLER = { tenant: parseTenantId("acme"), source: "app", rights: RIGHTS };

async function asked(options: BenchOptions = {}, body: object = { live: true }) {
  const bench = createBench({ flows: [writing], ports: () => ({ live: true }), ...options });
  const answered = await createHttpIngress(bench.engine)({
    method: "POST",
    path: `/sessions/${KEY.session}/events`,
    query: {},
    headers: { "content-type": "application/json" },
    caller: CALLER,
    body: JSON.stringify({ type: "Asked", id: "1", ...body }),
  });
  expect(answered.status).toBe(202);
  return bench;
}

describe("an event that asks for live output", () => {
  it("gets it for the tasks of its runs, and of the runs that these start", async () => {
    const first = flowOf(sequence(step(writer), emit("Next", "{}")));
    const next = flowOf(step(writer), { name: "next", on: "Next" });
    const bench = await asked({ flows: [first, next] });
    expect(lastSent(bench).live).toBe(true);
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "x" })));
    expect(bench.sent).toHaveLength(2);
    expect(lastSent(bench).live).toBe(true);
    expect((await bench.reader.current(KEY)).form).toBe(LIVE_FORM);
  });

  it.each([
    ["did not ask", {}, { live: true }],
    ["asks a spine that has none", { live: true }, {}],
    ["asks a spine that writes older commits", { live: true }, { live: true, form: LIVE_FORM - 1 }],
  ])("is one like any other where it %s", async (_, body, ports) => {
    const bench = await asked({ ports: () => ports }, body);
    expect(lastSent(bench).live).toBeUndefined();
    expect((await bench.reader.current(KEY)).form).toBe(LIVE_FORM - 1);
  });

  it("gets none where its tenant has personal values", async () => {
    const personal = createSealing({
      keys: createMemorySessionKeys(),
      paths: { acme: ["input.pin"] },
      originsOf,
    });
    const bench = await asked({ ports: () => ({ live: true, personal }) });
    expect(lastSent(bench).live).toBeUndefined();
  });
});

describe("the door for progress", () => {
  const record = { run: "r", step: "plan", agent: "writer", n: 1, text: "Dear" };

  async function serving() {
    const bench = await asked();
    const live = createMemoryLiveOutput();
    const door = createProgressDoor({ live, tokens, clock: bench.clock });
    return { bench, live, door, proof: proofOf(lastSent(bench)) };
  }

  it("keeps what an agent says of an attempt that it can prove", async () => {
    const { live, door, proof } = await serving();
    await door.progress(proof, { ...record, extra: 1 });
    expect(await live.read(KEY)).toEqual([{ ...record, task: proof.task, attempt: 1 }]);
  });

  it("refuses any other, and what it cannot read", async () => {
    const { live, door, proof } = await serving();
    await expect(door.progress({ ...proof, token: "x".repeat(64) }, record)).rejects.toMatchObject({
      code: "task.token",
    });
    await expect(door.progress({ ...proof, session: "visit-2" }, record)).rejects.toMatchObject({
      code: "task.token",
    });
    for (const wrong of [undefined, {}, { ...record, n: 0 }, { ...record, text: 1 }, { ...record, step: "" }])
      await expect(door.progress(proof, wrong)).rejects.toMatchObject({ code: "answer.malformed" });
    await expect(door.progress(proof, { ...record, text: "x".repeat(10_000) })).rejects.toMatchObject({
      code: "answer.too-large",
    });
    expect(await live.read(KEY)).toEqual([]);
  });

  /** Opens a stream, and gives what it has told so far. */
  async function watching(query: Readonly<Record<string, string>>, { after = 0 } = {}) {
    const served = await serving();
    const streams = createEventStreams(served.bench.engine, { live: served.live });
    const frames: string[] = [];
    const gone = new AbortController();
    const open = async () => {
      const path = `/sessions/${KEY.session}/events`;
      const headers = { "last-event-id": String(after) };
      const answer = await streams({ method: "GET", path, query, headers, caller: CALLER }, gone.signal);
      if (!("frames" in answer)) throw new Error(answer.body);
      for await (const frame of answer.frames) frames.push(frame);
    };
    const said = () => frames.filter((frame) => frame.startsWith("event: progress"));
    return { ...served, open, said, frames, gone };
  }

  it("is heard by streams that ask for it: each record once, without an id, in order, until the outcome", async () => {
    const { bench, door, proof, open, said, frames, gone } = await watching({ live: "true" });
    const opened = open();
    await bench.clock.runBy(600);
    for (const [at, text] of ["Dear", "Dear Ada"].entries()) {
      await door.progress(proof, { ...record, n: at + 1, text });
      await bench.clock.runBy(4_000);
    }
    expect(said().map((frame) => (JSON.parse(frame.split("data: ")[1] ?? "") as typeof record).text)).toEqual(
      ["Dear", "Dear Ada"],
    );
    expect(said().join()).not.toContain("id:");
    await createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "Dear Ada" })));
    await bench.clock.runBy(4_000);
    await door.progress(proof, { ...record, n: 3, text: "too late" });
    await bench.clock.runBy(10_000);
    expect(said()).toHaveLength(2);
    expect(frames.join()).toContain("AnswerApplied");
    gone.abort();
    await opened;
  });

  it("is heard from the beginning by a stream that resumes, while the task is open", async () => {
    const { bench, door, proof, open, said, gone } = await watching({ live: "true" }, { after: 3 });
    await door.progress(proof, record);
    bench.clock.advanceBy(LIVE_PAUSE_MS);
    const opened = open();
    await bench.clock.runBy(2_000);
    expect(said()).toHaveLength(1);
    gone.abort();
    await opened;
  });

  it("is not heard by a stream that does not ask for it", async () => {
    const { bench, door, proof, open, said, gone } = await watching({});
    await door.progress(proof, record);
    const opened = open();
    await bench.clock.runBy(5_000);
    expect(said()).toEqual([]);
    gone.abort();
    await opened;
  });
});
