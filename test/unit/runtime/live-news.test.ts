import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { LiveRecord } from "#core/session/live/live-record.ts";
import { createLiveNews } from "#runtime/doors/stream/live-news.ts";
import type { OpenTask } from "#runtime/doors/stream/stream-reader.ts";

const KEY = parseSessionKey({ tenant: "acme", session: "visit-1" });
const recordOf = (task: string): LiveRecord => ({
  task,
  attempt: 1,
  run: "r-1",
  step: "plan",
  agent: "reply",
  n: 1,
  text: "Dear",
});

function listening(open: readonly OpenTask[] = []) {
  let looks = 0;
  const live = {
    put: () => Promise.resolve(),
    read: () => {
      looks += 1;
      return Promise.resolve(["t-1", "t-2"].map(recordOf));
    },
  };
  const onTrouble = (error: unknown) => {
    throw error;
  };
  const news = createLiveNews(live, { key: KEY, open, onTrouble });
  // As far as it is looked at.
  const note = (type: string, data: object) =>
    news.note({ type, data, sequence: 1 } as unknown as RecordedEvent);
  const begin = (task: string, run: string) => {
    note("TaskCreated", { task, run, step: "plan", agent: "reply", slot: "reply" });
    note("AttemptDispatched", { task, attempt: 1, agent: "reply" });
  };
  const heard = async () => (await news.since()).map(({ task }) => task);
  return { note, begin, heard, looks: () => looks };
}

describe("what agents say, for a stream", () => {
  it("is looked for while a task is open, and not without one", async () => {
    const { note, begin, heard, looks } = listening();
    expect(await heard()).toEqual([]);
    begin("t-1", "r-1");
    expect([await heard(), looks()]).toEqual([["t-1"], 1]);
    note("AnswerApplied", { task: "t-1", attempt: 1 });
    expect([await heard(), looks()]).toEqual([[], 1]);
  });

  it.each(["RunCompleted", "RunFailed", "RunCancelled"])(
    "is not looked for any more where %s ends the run of a task without an outcome",
    async (type) => {
      const { note, begin, heard, looks } = listening();
      begin("t-1", "r-1");
      begin("t-2", "r-2");
      note(type, { run: "r-1" });
      expect([await heard(), looks()]).toEqual([["t-2"], 1]);
      note(type, { run: "r-2" });
      expect([await heard(), looks()]).toEqual([[], 1]);
    },
  );

  it("ends with its run for tasks that were open when the stream began, or when a fork did", async () => {
    const resumed = listening([{ task: "t-1", run: "r-1" }]);
    expect(await resumed.heard()).toEqual(["t-1"]);
    resumed.note("RunCancelled", { run: "r-1" });
    expect([await resumed.heard(), resumed.looks()]).toEqual([[], 1]);
    const forked = listening();
    forked.note("SessionForked", { state: { tasks: { "t-2": { id: "t-2", run: "r-1" } } } });
    forked.note("AttemptDispatched", { task: "t-2", attempt: 2, agent: "reply" });
    expect(await forked.heard()).toEqual(["t-2"]);
    forked.note("RunFailed", { run: "r-1" });
    expect([await forked.heard(), forked.looks()]).toEqual([[], 1]);
  });
});
