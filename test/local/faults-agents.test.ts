import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTrial } from "../../scripts/faults/agent/trial.ts";
import { compareWithTrouble } from "../../scripts/faults/agent/trouble.ts";
import { Badness } from "../../scripts/faults/app/contracts.ts";
import { synthesizeFaults } from "../../scripts/faults/app/synthesize.ts";
import { openSpine, type FaultySpine } from "../../scripts/faults/faulty-spine.ts";
import { preEmpt } from "../../scripts/faults/urgent/pre-empt.ts";

describe("one agent among others", () => {
  let spine: FaultySpine;

  beforeAll(async () => {
    const { templateDir } = await synthesizeFaults();
    spine = await openSpine({ templateDir, maxProcesses: 2 });
  }, 240_000);
  afterAll(() => spine.stop());

  it("that misbehaves affects no session that does not use it, and the others end in their fallback", async () => {
    const options = { sessions: 12, atOnce: 1, hurry: true };
    const calm = await runTrial(spine, { ...options, name: "calm", kinds: [Badness.none] });
    const kinds = [Badness.flood, Badness.throw, Badness.garbage, Badness.kill];
    const { problems, fallbacks } = await compareWithTrouble(
      spine,
      { ...options, name: "troubled", kinds },
      calm,
    );
    expect(problems).toEqual([]);
    // Two of six flood, and answer what fits all the same.
    expect(fallbacks).toBe(4);
  });

  it("starts an urgent event during a long task, whose late result changes nothing", async () => {
    const { problems } = await preEmpt(spine, "urgent");
    expect(problems).toEqual([]);
  });
});
