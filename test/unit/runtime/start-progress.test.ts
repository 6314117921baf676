import { describe, expect, it } from "vitest";
import type { AgentTask } from "#core/agent-task.ts";
import type { JsonObject } from "#core/json.ts";
import { MAX_LIVE_CHARACTERS, type LiveRecord } from "#core/session/live/live-record.ts";
import type { ProgressDoor } from "#ports/live-output.ts";
import { hostOf, outcomesOf, TASK } from "./agent-host.ts";
import { START } from "./engine.ts";

const LIVE = { ...TASK, live: true as const, deadline: START + 60_000 };

/** A host whose agent says what it is told to say, when it is told to. */
function speaking(take: ProgressDoor["progress"] = () => Promise.resolve()) {
  const told: (Omit<LiveRecord, "task" | "attempt"> & { readonly at: number })[] = [];
  let task: AgentTask<JsonObject> | undefined;
  let finish: (value: string) => void = () => undefined;
  const progress: ProgressDoor["progress"] = (proof, record) => {
    told.push({ ...record, at: bench.clock.now() - START });
    return take(proof, record);
  };
  const run = (given: AgentTask<JsonObject>) => {
    task = given;
    return new Promise<string>((resolve) => (finish = resolve));
  };
  const bench = hostOf(run, { progress: { progress } });
  const say: AgentTask<JsonObject>["progress"] = (said) => task?.progress(said);
  return { ...bench, told, say, end: (value: string) => finish(value) };
}

describe("what an agent says while it works", () => {
  it("is told at once, and what comes faster than twice a second goes together", async () => {
    const { host, clock, say, told, end } = speaking();
    const hosting = host(LIVE, 1);
    await clock.runBy(0);
    for (const piece of ["Dear ", "Ada", ", "]) say(piece);
    await clock.runBy(499);
    expect(told).toMatchObject([{ n: 1, text: "Dear ", at: 0 }]);
    await clock.runBy(1);
    expect(told[1]).toMatchObject({ n: 2, text: "Dear Ada, ", at: 500, run: TASK.run, agent: "writer" });
    await clock.runBy(5_000);
    expect(told).toHaveLength(2);
    say({ partial: { text: "Dear" }, data: ["looking"] });
    expect(told[2]).toMatchObject({ n: 3, text: "Dear Ada, ", partial: { text: "Dear" }, data: ["looking"] });
    end("done");
    expect(await hosting).toBe("answered");
    say("too late");
    await clock.runBy(60_000);
    expect(told).toHaveLength(3);
    expect(clock.waiting).toBe(0);
  });

  it("is told to nobody where nobody asked for it", async () => {
    const { host, clock, say, told, end } = speaking();
    const hosting = host(TASK, 1);
    await clock.runBy(0);
    say("hello");
    end("done");
    await hosting;
    expect(told).toEqual([]);
  });

  it("is never larger than may be, and its text never has a hole", async () => {
    const { host, clock, say, told, end } = speaking();
    const hosting = host(LIVE, 1);
    await clock.runBy(0);
    say("a".repeat(MAX_LIVE_CHARACTERS - 100));
    await clock.runBy(500);
    say("b".repeat(200));
    say("c");
    say({ data: { step: 2 } });
    await clock.runBy(500);
    const last = told.at(-1);
    expect(last?.text).toBe("a".repeat(MAX_LIVE_CHARACTERS - 100));
    expect(last?.data).toEqual({ step: 2 });
    for (const { at: _, ...record } of told)
      expect(JSON.stringify(record).length).toBeLessThan(MAX_LIVE_CHARACTERS + 200);
    end("done");
    await hosting;
  });

  it("never fails the agent, whatever it says and whoever does not listen", async () => {
    const { host, clock, say, told, end, door } = speaking(() =>
      Promise.reject(new Error("nobody is there")),
    );
    const hosting = host(LIVE, 1);
    await clock.runBy(0);
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    say({ data: circle as never });
    say({ data: 1n as never });
    say(undefined as never);
    say("hello");
    await clock.runBy(1_000);
    expect(told).toMatchObject([{ text: "hello" }]);
    end("done");
    expect(await hosting).toBe("answered");
    expect(outcomesOf(door)).toMatchObject([{ status: "ok", result: "done" }]);
  });
});
