import fc from "fast-check";
import { expect, it } from "vitest";
import { tellCommit } from "#core/session/dialects/tell-commit.ts";
import { tellingAt } from "#core/session/dialects/tell-event.ts";
import { runs } from "../../support/runs.ts";
import { spokenSession } from "./spoken-session.ts";

it("whether a run is open to readers follows from the state at the end of each commit", () => {
  let paused = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      const { commits, states, world } = spokenSession(seed);
      let { telling } = { telling: tellingAt(states[0] ?? world.state) };
      for (const [at, commit] of commits.entries()) {
        const state = states[at] ?? world.state;
        for (const tale of tellCommit({ state, telling }, commit, world.application)) ({ telling } = tale);
        const after = states[at + 1] ?? world.state;
        expect(telling.isOpen, `at ${commit.last}`).toBe(tellingAt(after).isOpen);
        if (!telling.isOpen && Object.keys(after.runs).length > 0) paused += 1;
      }
    }),
    { numRuns: runs(100), endOnFailure: true },
  );
  expect(paused).toBeGreaterThan(5);
});
