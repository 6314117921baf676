import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { converse } from "../../scripts/faults/crash/conversation.ts";
import { outcomeOf } from "../../scripts/faults/crash/outcome.ts";
import { strike } from "../../scripts/faults/crash/strike.ts";
import { sweep } from "../../scripts/faults/crash/sweep.ts";
import { openSpine, type FaultySpine } from "../../scripts/faults/faulty-spine.ts";
import { Fault, type Failpoint } from "#local/faults/injector.ts";
import { synthesize } from "#local/synth.ts";

describe("a fault at a request to AWS", () => {
  let spine: FaultySpine;

  beforeAll(async () => {
    const { templateDir } = await synthesize();
    spine = await openSpine({ templateDir, maxProcesses: 2 });
  }, 240_000);
  afterAll(() => spine.stop());

  it("changes neither state nor reply nor outcomes, wherever it occurs", { timeout: 240_000 }, async () => {
    const { failpoints, results } = await sweep(spine, { sample: 2, seed: 5 });
    expect(failpoints).toBeGreaterThan(30);
    expect(results.filter(({ struck }) => struck).length).toBeGreaterThanOrEqual(1);
    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it("leaves a claimed effect in doubt, and its target is asked whether it happened", async () => {
    const calendar = spine.variable("spine-agent-scheduling", "CALENDAR_TABLE");
    const at = (operation: string): Failpoint => ({
      functionName: "spine-agent-scheduling",
      service: "dynamodb",
      operation,
      resource: calendar,
      nth: 1,
    });
    await converse(spine, "undoubted");
    const { outcome: calm } = await outcomeOf(spine, "undoubted");
    // It did, and nobody heard of it; it did not, and nobody knew.
    const strikes = [
      { failpoint: at("PutItem"), fault: Fault.killedAfter },
      { failpoint: at("PutItem"), fault: Fault.killedBefore },
    ];
    for (const [index, each] of strikes.entries()) {
      const result = await strike(spine, `doubted-${index}`, each, calm);
      expect(result).toMatchObject({ struck: true, inDoubt: true, problems: [] });
    }
  });

  it("is reported when it changes a session's required end", async () => {
    const other = { context: {}, replies: ["another"], tasks: [] };
    const failpoint = {
      functionName: "spine-relay",
      service: "events",
      operation: "PutEvents",
      resource: "spine-out",
      nth: 2,
    };
    const result = await strike(spine, "noticed", { failpoint, fault: Fault.refused }, other);
    expect(result.struck).toBe(true);
    expect(result.problems.map((problem) => problem.split(" ")[0])).toEqual(["context", "replies", "tasks"]);
  });
});
