import { describe, expect, it } from "vitest";
import { sequence, step, transform } from "#core/flow/build.ts";
import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { createAdvanceSession } from "#runtime/advance-session.ts";
import { bulk, createBench, eventInput, flowOf, KEY, lastSent, ok, tell, typesOf, writer } from "./engine.ts";

const noting = flowOf(transform({ note: "input.text" }));

describe("a log that cannot be folded", () => {
  const altered = (log: SessionLog, alter: (text: string) => string): SessionLog => ({
    ...log,
    readTail: async (key: SessionKey) =>
      (await log.readTail(key)).map((stored) => ({ ...stored, text: alter(stored.text) })),
  });

  it.each([
    ["is not JSON", (text: string) => text.slice(1)],
    ["has another form", (text: string) => text.replace('"schemaVersion":1', '"schemaVersion":99')],
    ["lacks an event", (text: string) => text.replace('"sequence":1', '"sequence":7')],
    [
      "speaks of what never was",
      (text: string) => text.replace('"type":"RunQueued"', '"type":"RunCompleted"'),
    ],
    [
      "holds an event without data",
      (text: string) => text.replace('"type":"InputAccepted","data"', '"type":"InputAccepted","dada"'),
    ],
  ])("because it %s is unreadable", async (_what, alter) => {
    const whole = createBench();
    await tell(whole, [eventInput("1")]);
    const bench = createBench({ ports: () => ({ log: altered(whole.log, alter) }) });
    await expect(tell(bench, [eventInput("2")])).rejects.toMatchObject({
      code: "session.unreadable",
      retryable: false,
    });
    expect(await whole.log.readAfter(KEY, 0, 9)).toHaveLength(1);
  });

  it.each(["log.corrupt", "log.other-version"] as const)(
    "because the store answers %s is unreadable",
    async (code) => {
      const readTail = () => Promise.reject(new SpineError(code, "The bytes are damaged."));
      const bench = createBench({ ports: ({ log }) => ({ log: { ...log, readTail } }) });
      await expect(tell(bench, [eventInput("1")])).rejects.toMatchObject({ code: "session.unreadable" });
    },
  );

  it("because its snapshot is gone, or is no JSON, is unreadable", async () => {
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

  it("because it lost the flow that a run started with is unreadable", async () => {
    const old = createBench();
    await tell(old, [eventInput("1")]);
    const bench = createBench({
      flows: [flowOf(sequence(step(writer), transform({ note: "1" })))],
      ports: () => ({ log: { ...old.log, readUpTo: () => Promise.resolve([]) } }),
    });
    await expect(tell(bench, [eventInput("2")])).rejects.toMatchObject({ code: "session.unreadable" });
  });

  it("is not said of a log that is only out of reach", async () => {
    const away = new SpineError("log.unavailable", "The table does not answer.", { retryable: true });
    const bench = createBench({
      ports: ({ log }) => ({ log: { ...log, readTail: () => Promise.reject(away) } }),
    });
    await expect(tell(bench, [eventInput("1")])).rejects.toBe(away);
  });
});

describe("a run's flow", () => {
  it("is the one that its session stored, after a newer version is deployed", async () => {
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
