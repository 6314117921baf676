import { describe, expect, it } from "vitest";
import { sequence, step, transform } from "#core/flow/build.ts";
import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import { SHEET_FORM } from "#core/session/sheet.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { sealedLog } from "#runtime/sealing/sealed-stores.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";
import {
  bulk,
  createBench,
  digest,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  sessionKey,
  tell,
  typesOf,
  writer,
} from "./engine.ts";

const noting = flowOf(transform({ note: "input.text" }));

describe("a log that cannot be folded", () => {
  const altered = (log: SessionLog, alter: (text: string) => string): SessionLog => ({
    ...log,
    readTail: async (key: SessionKey) =>
      (await log.readTail(key)).map((stored) => ({ ...stored, text: alter(stored.text) })),
  });

  it.each([
    ["is not JSON", (text: string) => text.slice(1)],
    ["has no form", (text: string) => text.replace(/"schemaVersion":\d/, `"schemaVersion":0`)],
    ["lacks an event", (text: string) => text.replace('"sequence":1', '"sequence":7')],
    [
      "speaks of what never was",
      (text: string) => text.replace('"type":"RunQueued"', '"type":"RunCompleted"'),
    ],
    [
      "holds an event without data",
      (text: string) => text.replace('"type":"InputAccepted","data"', '"type":"InputAccepted","dada"'),
    ],
  ])("is unreadable because it %s", async (_what, alter) => {
    const whole = createBench();
    await tell(whole, [eventInput("1")]);
    const bench = createBench({ ports: () => ({ log: altered(whole.log, alter) }) });
    await expect(tell(bench, [eventInput("2")])).rejects.toMatchObject({
      code: "session.unreadable",
      retryable: false,
    });
    expect(await whole.log.readAfter(KEY, 0, 9)).toHaveLength(1);
  });

  it("is unreadable because the store reports damaged bytes", async () => {
    const readTail = () => Promise.reject(new SpineError("log.corrupt", "The bytes are damaged."));
    const bench = createBench({ ports: ({ log }) => ({ log: { ...log, readTail } }) });
    await expect(tell(bench, [eventInput("1")])).rejects.toMatchObject({ code: "session.unreadable" });
  });

  it("is unreadable because it is nested deeper than its reader can follow, and an operator is told", async () => {
    const whole = createBench();
    await tell(whole, [eventInput("1")]);
    // As an older version stored what an agent said.
    const deep = `"data":{"who":{"$sealed":"x"},"deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    const old = altered(whole.log, (text) => text.replace('"data":{}', deep));
    const sealing = createSealing({ keys: createMemorySessionKeys(), paths: { "*": ["input.who"] } });
    const bench = createBench({ ports: () => ({ log: sealedLog(old, sealing, digest) }) });
    await expect(tell(bench, [eventInput("2")])).rejects.toMatchObject({
      code: "session.unreadable",
      retryable: false,
    });
    const troubles: unknown[] = [];
    const engine = { ...bench.engine, onTrouble: (error: unknown) => void troubles.push(error) };
    const body = JSON.stringify({ ...KEY, input: eventInput("3") });
    expect(await createCoordinator(engine).inbox([{ id: "m1", body }])).toEqual(["m1"]);
    expect(troubles).toMatchObject([{ code: "session.unreadable" }]);
  });

  it("is unreadable because the decoder runs out of stack", async () => {
    const readTail = () => Promise.reject(new RangeError("Maximum call stack size exceeded"));
    const bench = createBench({ ports: ({ log }) => ({ log: { ...log, readTail } }) });
    await expect(tell(bench, [eventInput("1")])).rejects.toMatchObject({ code: "session.unreadable" });
  });

  it("does not include one that is nested deeper than new values may be", async () => {
    const whole = createBench();
    await tell(whole, [eventInput("1")]);
    const deep = `"data":{"deep":${"[".repeat(500)}${"]".repeat(500)}}`;
    const bench = createBench({
      ports: () => ({ log: altered(whole.log, (text) => text.replace('"data":{}', deep)) }),
    });
    expect((await bench.reader.current(KEY)).sequence).toBeGreaterThan(0);
  });

  it("is unreadable because its snapshot is missing or is not JSON", async () => {
    for (const text of [undefined, "{"]) {
      const bench = createBench({
        flows: [noting],
        ports: ({ blobs }) => ({ blobs: { ...blobs, get: () => Promise.resolve(text) } }),
      });
      const telling = async () => {
        for (let n = 0; n <= 20; n += 1)
          await tell(bench, [eventInput(String(n), { text: bulk(120_000, "abc"[n % 3]) })]);
      };
      await expect(telling()).rejects.toMatchObject({ code: "session.unreadable" });
    }
  });

  it("is unreadable because it lost the flow that a run started with", async () => {
    const old = createBench({ ports: () => ({ form: SHEET_FORM }) });
    await tell(old, [eventInput("1")]);
    const bench = createBench({
      flows: [flowOf(sequence(step(writer), transform({ note: "1" })))],
      ports: () => ({ log: { ...old.log, readUpTo: () => Promise.resolve([]) } }),
    });
    await expect(tell(bench, [eventInput("2")])).rejects.toMatchObject({ code: "session.unreadable" });
  });

  it("does not include one that is temporarily unavailable", async () => {
    const away = new SpineError("log.unavailable", "The table does not answer.", { retryable: true });
    const bench = createBench({
      ports: ({ log }) => ({ log: { ...log, readTail: () => Promise.reject(away) } }),
    });
    await expect(tell(bench, [eventInput("1")])).rejects.toBe(away);
  });
});

describe("a session that is read twice", () => {
  const grown = async () => {
    const bench = createBench({ flows: [noting] });
    for (const id of ["1", "2", "3"]) await tell(bench, [eventInput(id, { text: id })]);
    return bench;
  };

  it("is folded once where its log hands out the same commits again", async () => {
    const { reader } = await grown();
    expect(await reader.current(KEY)).toBe(await reader.current(KEY));
  });

  it("is folded anew, to the same state, where the log keeps nothing", async () => {
    const { engine, reader } = await grown();
    const forgetful = createSessionReader({ ...engine, log: { ...engine.log, readings: undefined } });
    expect(await forgetful.current(KEY)).not.toBe(await forgetful.current(KEY));
    expect(await forgetful.current(KEY)).toEqual(await reader.current(KEY));
    expect(await forgetful.allCommits(KEY)).toEqual(await reader.allCommits(KEY));
  });

  it("is no other session's, whatever is kept of its commits", async () => {
    const { log, reader } = await grown();
    const other = createBench({ ports: () => ({ log: { ...log, readTail: () => log.readTail(KEY) } }) });
    await reader.current(KEY);
    await expect(other.reader.current(sessionKey("visit-2"))).rejects.toMatchObject({
      code: "session.unreadable",
    });
  });
});

describe("a run's flow", () => {
  it("is the one that its session stored, even after a newer version is deployed", async () => {
    const old = createBench();
    await tell(old, [eventInput("1")]);
    const bench = createBench({
      log: old.log,
      flows: [flowOf(sequence(step(writer), transform({ note: `"new"` })))],
    });
    const { task, attempt } = lastSent(old);
    const answer = { kind: "answer", task, attempt, outcome: ok({ text: "done" }) } as const;
    await createAdvanceSession(bench.engine)(KEY, [answer], () => true);
    const state = await bench.reader.current(KEY);
    expect(await typesOf(bench)).toEqual(expect.arrayContaining(["AnswerApplied", "RunCompleted"]));
    expect(state.runs).toEqual({});
    expect(state.context["note"]).toBeUndefined();
  });
});
