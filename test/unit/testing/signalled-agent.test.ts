import * as z from "zod/mini";
import { describe, expect, it } from "vitest";
import { createSpineClient } from "#client/client.ts";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, step } from "#core/flow/build.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import type { TaskCallback } from "#core/later.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { scripted } from "#testing/agents/scripted-agent.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { inProcessCall } from "#testing/in-process/in-process-call.ts";

const START = 1_900_000_000_000;
const contract = defineAgent({
  name: "search",
  output: z.object({ text: z.string() }),
  signals: { wish: z.string(), enough: z.null() },
  timeoutMs: 60_000,
  retries: { max: 1, backoffMs: 1_000 },
});
const searching = defineFlow({ name: "searching", on: "SearchAsked", plan: step(contract) });

function stage(
  agent: Parameters<typeof inProcessSpine>[0]["agents"][number],
  flow: FlowDefinition = searching,
) {
  const clock = createMovableClock(START);
  const spine = inProcessSpine({ flows: [flow], agents: [agent], clock });
  const ask = () => spine.ask("SearchAsked", {}, { session: "s1", waitMs: 3_600_000 });
  return { clock, spine, ask };
}

describe("a scripted agent that waits for a signal", () => {
  it("answers with what it was told, and its next attempt is told all of it again", async () => {
    const heard: number[] = [];
    const agent = scripted(contract)
      .whenSignalled("wish", ({ number }) => {
        heard.push(number);
        throw new Error("It fails on hearing it.");
      })
      .whenSignalled("enough", ({ number }, { attempt }) => ({ text: `${number} at ${attempt}` }));
    const { clock, spine, ask } = stage(agent);
    const asked = ask();
    await clock.runBy(5_000);
    expect(await spine.signal("s1", { to: "search", name: "wish", data: "a garden" })).toMatchObject({
      disposition: "signalled",
    });
    await clock.runBy(10_000);
    expect([heard, agent.calls.length]).toEqual([[1], 2]);
    const client = createSpineClient(inProcessCall(spine));
    const told = { id: "e1", to: "plan", name: "enough" };
    expect(await client.signal("s1", told)).toMatchObject({ disposition: "signalled" });
    expect(await clock.runUntil(asked)).toEqual({ text: "2 at 2" });
    const { disposition, reason } = await client.signal("s1", { ...told, id: "e2" });
    expect([disposition, reason]).toEqual(["ignored", "no task is under way there"]);
    await spine.close();
  });

  it("runs out of time where nobody tells it anything", async () => {
    const { clock, spine, ask } = stage(scripted(contract).whenSignalled("enough", { text: "never" }));
    await expect(clock.runUntil(ask())).rejects.toMatchObject({ code: "agent.timeout" });
    await spine.close();
  });
});

describe("whoever works on a task that was passed on", () => {
  it("asks by the callback what the agent was told", async () => {
    const rendering = defineAgent({ ...PARTS, later: true, timeoutMs: 3_600_000 });
    const jobs: TaskCallback[] = [];
    const agent = rendering.implement(({ later }) => later((callback) => jobs.push(callback)));
    const flow = defineFlow({ name: "rendering", on: "SearchAsked", plan: step(rendering) });
    const { spine } = stage(agent, flow);
    await spine.send("SearchAsked", {}, { session: "s1" });
    await spine.idle();
    await spine.signal("s1", { to: "search", name: "enough" });
    const [job] = jobs;
    if (job === undefined) throw new Error("No job has begun.");
    const signals = [{ number: 1, name: "enough", data: null }];
    expect(await spine.taskSignals(job, 0)).toEqual({ go: true, signals });
    await spine.answerTask(job, { status: "ok", result: { text: "done" } });
    expect(await spine.taskSignals(job, 1)).toEqual({ go: false, because: "settled", signals: [] });
    await spine.close();
  });
});

const PARTS = {
  name: "search",
  output: z.object({ text: z.string() }),
  signals: { enough: z.null() },
} as const;
