import { describe, expect, it } from "vitest";
import { functionName, agentFunctionName, DEFAULT_PREFIX, FunctionSuffix } from "#aws/names.ts";
import { UNDERSTANDING } from "../../scripts/replay/application.ts";
import { openLocal } from "../../scripts/replay/deployed/local.ts";
import { figuresOf, isSound } from "../../scripts/replay/figures.ts";
import { replay, type Replay } from "../../scripts/replay/replay.ts";
import { dialogues, services } from "../unit/replay/fixture.ts";

const SESSIONS = 12;
const KILLS = 10;
const only = (own: string) => ({ name: own, has: (name: string) => name === own });
/** Those that what they were at takes seconds to go on without, not half a minute. */
const KILLED = [
  ...[FunctionSuffix.ingress, FunctionSuffix.door, FunctionSuffix.relay].map((suffix) =>
    only(functionName(DEFAULT_PREFIX, suffix)),
  ),
  only(agentFunctionName(DEFAULT_PREFIX, UNDERSTANDING)),
];

/** How far a dialogue is played: three USER turns and their answers. */
const TURNS = 6;
/** The beginnings of the fixture's dialogues, each several times. */
const conversations = {
  services,
  dialogues: Array.from({ length: SESSIONS }, (_, at) => {
    const dialogue = dialogues[at % dialogues.length];
    if (dialogue === undefined) throw new Error("There are no fixtures.");
    const { dialogue_id: id, turns } = dialogue;
    return { ...dialogue, dialogue_id: `${id}.${at}`, turns: turns.slice(0, TURNS) };
  }),
};

describe("conversations on the local runtime, whose processes are killed while working", () => {
  it("have the same result as the plain run", async () => {
    const played: Replay = await replay(
      conversations,
      {
        sessions: SESSIONS,
        rush: true,
        duplicates: 0.2,
        seed: 1,
        kill: KILLS,
        killed: KILLED,
        timeoutMs: 10_000,
        idleWaitMs: 1_000,
      },
      openLocal,
    );
    for (const { outcomes, reference, troubles } of played.dialogues) {
      expect(troubles).toEqual([]);
      expect(outcomes).toEqual(reference);
    }
    const figures = figuresOf(played);
    expect(figures).toMatchObject({
      dialogues: SESSIONS,
      turns: 36,
      duplicates: { injected: 7, applied: 0 },
      gaps: 0,
      lost: 0,
    });
    const byFunction = figures.kills?.byFunction ?? {};
    expect(Object.keys(byFunction).toSorted()).toEqual(KILLED.map(({ name }) => name).toSorted());
    expect(Object.values(byFunction).reduce((sum, count) => sum + count, 0)).toBe(KILLS);
    expect(figures.reference.calls).toBeGreaterThan(SESSIONS);
    expect(isSound(figures)).toBe(true);
  }, 600_000);
});
