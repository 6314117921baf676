import { describe, expect, it } from "vitest";
import { fallback, human, parallel, reply, sequence, step, waitFor } from "#core/flow/build.ts";
import { a2aTaskId, readA2aTaskId } from "#core/session/a2a/a2a-task-id.ts";
import { toA2aTask, updatesBetween } from "#core/session/a2a/a2a-task.ts";
import { courseOf, type TaskCourse } from "#core/session/a2a/task-course.ts";
import { World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf, running } from "../session/sample.ts";

const schemaOf = (question: string) =>
  question === "Who signs?" ? { type: "object", required: ["name"] } : undefined;
const around = { session: "s1", schemaOf };

function courseIn({ commits }: World, start = 1): TaskCourse {
  const facts = commits.flatMap(({ events, seen }) => events.map((event) => ({ event, at: seen.now })));
  const course = courseOf(facts, start);
  if (course === undefined) throw new Error(`No event at ${start} begins a task.`);
  return course;
}

const taskIn = (w: World, start = 1) => toA2aTask(courseIn(w, start), around);
const stateIn = (w: World, start = 1) => courseIn(w, start).state;

describe("a task of A2A", () => {
  it("is named by its session and the event that starts it", () => {
    const id = a2aTaskId({ session: "case:7", start: 12 });
    expect(readA2aTaskId(id)).toEqual({ session: "case:7", start: 12 });
    for (const other of ["", "case", "case~", "case~0", "case~1.5", "~1", "a~b~1", "case~1 "])
      expect(readA2aTaskId(other)).toBeUndefined();
  });

  it("works, and is completed with the reply as an artifact and what was sent as its history", () => {
    const w = running(sequence(step("a"), reply("a")), { data: { text: "Hello" } });
    expect(taskIn(w)).toEqual({
      id: "s1~1",
      contextId: "s1",
      status: { state: "TASK_STATE_WORKING", timestamp: "1970-01-01T00:16:40.000Z" },
      artifacts: [],
      history: [
        {
          messageId: "input-1",
          taskId: "s1~1",
          contextId: "s1",
          role: "ROLE_USER",
          parts: [{ data: { text: "Hello" }, mediaType: "application/json" }],
        },
      ],
      metadata: { event: "Asked", sequence: 1, disposition: "triggers" },
    });
    const before = courseIn(w);
    w.wait(1_000).answer("a", "Hello Ada");
    const artifact = {
      artifactId: expect.stringMatching(/^reply-\d+$/) as string,
      name: "visit",
      parts: [{ text: "Hello Ada", mediaType: "text/plain" }],
    };
    const status = { state: "TASK_STATE_COMPLETED", timestamp: "1970-01-01T00:16:41.000Z" };
    expect(taskIn(w)).toMatchObject({ status, artifacts: [artifact] });
    expect(updatesBetween(before, courseIn(w), around)).toEqual([
      { artifactUpdate: { taskId: "s1~1", contextId: "s1", artifact, lastChunk: true } },
      { statusUpdate: { taskId: "s1~1", contextId: "s1", status } },
    ]);
  });

  it("has data for a reply that is no text, and no artifact for one of nothing", () => {
    const w = running(sequence(step("a"), reply("a")));
    w.answer("a", { total: 40 });
    expect(taskIn(w).artifacts?.[0]?.parts).toEqual([{ data: { total: 40 }, mediaType: "application/json" }]);
    const empty = running(sequence(step("a"), reply("a")));
    empty.answer("a", null);
    expect(taskIn(empty)).toMatchObject({ status: { state: "TASK_STATE_COMPLETED" }, artifacts: [] });
  });

  it("requires input while a person is asked, with the question and the schema of its answer", () => {
    const w = running(
      sequence(human({ ask: "Who signs?", into: "signed", timeoutMs: 60_000 }), reply("signed.name")),
    );
    const { status, history } = taskIn(w);
    const [words, { data: asked }] = status.message?.parts as unknown as [object, { data: { ask: string } }];
    expect(words).toEqual({ text: "Who signs?", mediaType: "text/plain" });
    expect(asked).toEqual({
      ask: expect.any(String) as string,
      question: "Who signs?",
      until: "1970-01-01T00:17:40.000Z",
      schema: { type: "object", required: ["name"] },
    });
    expect(status.state).toBe("TASK_STATE_INPUT_REQUIRED");
    expect(history?.at(-1)).toMatchObject({ role: "ROLE_AGENT", parts: status.message?.parts });
    w.person({ name: "Ada" });
    expect(taskIn(w)).toMatchObject({
      status: { state: "TASK_STATE_COMPLETED" },
      artifacts: [{ parts: [{ text: "Ada" }] }],
    });
    expect(taskIn(w).history?.map(({ role }) => role)).toEqual(["ROLE_USER", "ROLE_AGENT", "ROLE_USER"]);
    expect(toA2aTask(courseIn(w), around, { historyLength: 1 }).history).toHaveLength(1);
    expect(toA2aTask(courseIn(w), around, { historyLength: 0 })).not.toHaveProperty("history");
    expect(toA2aTask(courseIn(w), around, { withArtifacts: false })).not.toHaveProperty("artifacts");
  });

  it("goes on when nobody answers in time, or what asked is dropped", () => {
    const asks = human({ ask: "Who signs?", into: "signed", timeoutMs: 5_000, onTimeout: "continue" });
    const late = running(sequence(asks, step("a")));
    late.deadline();
    expect(stateIn(late)).toBe("TASK_STATE_WORKING");
    const raced = running(
      sequence(parallel({ branches: { person: asks, agent: step("b") }, join: { type: "any" } }), step("a")),
    );
    expect(stateIn(raced)).toBe("TASK_STATE_INPUT_REQUIRED");
    raced.answer("b", 1);
    expect(stateIn(raced)).toBe("TASK_STATE_WORKING");
  });

  it("fails with the code of its run, and works on while what was done is undone", () => {
    const failed = running(step("a"));
    failed.fail("a", { retryable: false });
    const parts = [
      { text: "a failed", mediaType: "text/plain" },
      { data: { code: "agent.failed", message: "a failed" }, mediaType: "application/json" },
    ];
    expect(taskIn(failed).status).toMatchObject({ state: "TASK_STATE_FAILED", message: { parts } });
    const undone = running(
      sequence(
        step("room", { compensate: step("free") }),
        parallel({ branches: { sign: human({ ask: "Who signs?", into: "signed" }), work: step("a") } }),
      ),
      { agents: [agent("room", { effect: "once" }), agent("free", { reads: ["undo"] })] },
    );
    undone.claim("room");
    undone.answer("room", 1);
    expect(stateIn(undone)).toBe("TASK_STATE_INPUT_REQUIRED");
    undone.fail("a", { retryable: false });
    expect(stateIn(undone)).toBe("TASK_STATE_WORKING");
    undone.answer("free", 1);
    expect(stateIn(undone)).toBe("TASK_STATE_FAILED");
  });

  it("asks nobody any more once what was done is undone", () => {
    const w = running(
      sequence(step("room", { compensate: step("free") }), human({ ask: "Who signs?", into: "signed" })),
      { agents: [agent("room", { effect: "once" }), agent("free", { reads: ["undo"] })] },
    );
    w.claim("room");
    w.answer("room", 1);
    expect(stateIn(w)).toBe("TASK_STATE_INPUT_REQUIRED");
    w.cancel("visit");
    expect(stateIn(w)).toBe("TASK_STATE_WORKING");
    w.answer("free", 1);
    expect(stateIn(w)).toBe("TASK_STATE_CANCELED");
  });

  it("is canceled by an operator's command, and never changes again", () => {
    const w = running(step("a"));
    w.cancel("visit", "not wanted");
    expect(taskIn(w).status).toMatchObject({
      state: "TASK_STATE_CANCELED",
      message: { parts: [{ text: "not wanted" }, { data: { code: "run.cancelled" } }] },
    });
    const { changed } = courseIn(w);
    w.event("Asked");
    expect(courseIn(w).changed).toEqual(changed);
  });

  it("is submitted while its run is queued, and rejected where no flow takes its event", () => {
    const w = running(step("a"), { onBusy: "queue" });
    const { events } = w.event("Asked");
    expect(stateIn(w, events[0]?.sequence)).toBe("TASK_STATE_SUBMITTED");
    w.answer("a", 1);
    expect(stateIn(w, events[0]?.sequence)).toBe("TASK_STATE_WORKING");
    const busy = running(step("a"), { onBusy: "reject" });
    const refused = busy.event("Asked").events[0]?.sequence;
    expect(taskIn(busy, refused).status).toMatchObject({
      state: "TASK_STATE_REJECTED",
      message: { parts: [{ text: "The session takes no such event while it is busy." }] },
    });
    const ignored = busy.event("Unknown").events[0]?.sequence;
    expect(taskIn(busy, ignored).status).toMatchObject({ state: "TASK_STATE_REJECTED" });
  });

  it("is completed without a reply where a run that was there before takes its event", () => {
    const w = running(sequence(waitFor("Paid"), step("a")));
    const paid = w.event("Paid").events[0]?.sequence;
    expect(taskIn(w, paid)).toMatchObject({
      status: { state: "TASK_STATE_COMPLETED" },
      artifacts: [],
      metadata: { disposition: "awaited" },
    });
  });

  it("is all runs that one event starts: over with the last of them, with every reply", () => {
    const w = new World(
      applicationOf([
        flowOf(step("a"), { onBusy: "parallel", together: ["other"] }),
        flowOf(step("b", { fallback: fallback.value(0) }), {
          name: "other",
          onBusy: "parallel",
          together: ["visit"],
        }),
      ]),
    );
    w.event("Asked");
    w.answer("a", 1);
    expect(taskIn(w)).toMatchObject({
      status: { state: "TASK_STATE_WORKING" },
      artifacts: [{ name: "visit" }],
    });
    w.fail("b", { retryable: false });
    expect(taskIn(w)).toMatchObject({
      status: { state: "TASK_STATE_COMPLETED" },
      artifacts: [{ name: "visit" }, { name: "other" }],
    });
  });
});
