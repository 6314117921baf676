import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileApplication, type Application } from "#core/flow/application.ts";
import { withValueAt } from "#core/context/document.ts";
import type { Input } from "#core/session/input.ts";
import { sheetOf } from "#core/session/sheet.ts";
import type { SessionState } from "#core/session/state.ts";
import { sha256Digest, World } from "#testing/given-when-then.ts";
import { randomApplication, seededChance } from "#simulator/random-flow.ts";
import { randomInputs, type RandomSession } from "./session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const LIMITS = { hops: 60, idWindow: 50, queuedRuns: 5, heldInputs: 4, heldMs: 5_000 };
const EARLIER = "a value of an earlier run";

/** A session of one flow, none of whose steps asks for what earlier runs left. */
function sessionOfOne(seed: number): RandomSession {
  const { agents, flows, eventTypes } = randomApplication(seededChance(seed));
  const [, only = flows.at(-1)] = flows.filter(({ on }) => on !== undefined);
  const parts = flows.filter(({ on }) => on === undefined);
  const { together: _, ...alone } = only ?? { name: "", plan: { kind: "sequence", steps: [] } };
  // Flows are data: what asks is taken out of them.
  const unasking = JSON.parse(JSON.stringify([...parts, alone]), (_key, value: unknown) =>
    Array.isArray(value) ? value.filter((one) => !isLastKnown(one)) : withoutBefore(value),
  ) as typeof flows;
  const own = agents.map(({ spec, ...rest }) => {
    const { keeps: _keeps, ...forgetful } = spec;
    const reads = spec.reads.filter((path) => !path.startsWith("before."));
    return { ...rest, spec: { ...forgetful, reads } };
  });
  // What other flows would have written, nobody writes: the linter would say so.
  return { application: compileApplication({ agents: own, flows: unasking }, sha256Digest), eventTypes };
}

const isLastKnown = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "type" in value && value.type === "last-known";
const withoutBefore = (value: unknown): unknown =>
  typeof value === "string" && value.includes("before.") ? "'text'" : value;

/** The same session, where other values stand wherever an earlier run may have left some, as sure as can be. */
function withEarlierValues(state: SessionState, application: Application): SessionState {
  let { context } = state;
  const [versions, findings] = [{ ...state.versions }, { ...state.findings }];
  for (const { flow } of application.flows) {
    for (const path of sheetOf(flow).paths) {
      context = withValueAt(context, path, { x: EARLIER, n: 1, ok: true });
      versions[path] = state.sequence;
      findings[path] = { confidence: 1 } as (typeof findings)[string];
    }
  }
  return { ...state, context, versions, findings };
}

/** Two sessions that get the same inputs; before each of them the second one's earlier values are others. */
function sideBySide(seed: number, inputs: number) {
  const session = sessionOfOne(seed);
  const [plain, haunted] = [0, 1].map(() => new World(session.application, { limits: LIMITS, check: false }));
  if (plain === undefined || haunted === undefined) throw new Error("There are two of them.");
  const sent: Input[] = [];
  const chance = seededChance(seed + 1);
  const differing: string[] = [];
  for (let i = 0; i < inputs; i++) {
    haunted.state = withEarlierValues(haunted.state, session.application);
    const batch = randomInputs(plain, session.eventTypes, chance, sent);
    haunted.now = plain.now;
    haunted.breakers = plain.breakers;
    const [one, other] = [plain.send(...batch), haunted.send(...batch)];
    sent.push(...batch);
    if (JSON.stringify([one.events, one.orders]) !== JSON.stringify([other.events, other.orders]))
      differing.push(`${JSON.stringify(one)}\n${JSON.stringify(other)}`);
  }
  return { plain, haunted, differing };
}

describe("no value of an earlier run", () => {
  it("is visible in a run that did not ask for it, whatever flow and history", () => {
    let runs = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { plain, differing } = sideBySide(seed, 30);
        expect(differing[0]).toBeUndefined();
        runs += plain.events().filter(({ type }) => type === "RunCompleted").length;
      }),
      { numRuns: 200 },
    );
    // Otherwise nothing would have been tried.
    expect(runs).toBeGreaterThan(100);
  });
});
