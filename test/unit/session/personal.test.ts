import { describe, expect, it } from "vitest";
import { sequence, step } from "#core/flow/build.ts";
import type { Json } from "#core/json.ts";
import { commitValues, stateValues } from "#core/session/personal/commit-values.ts";
import { sealedValue } from "#core/session/personal/markers.ts";
import { personalValues } from "#core/session/personal/personal-values.ts";
import type { SessionState } from "#core/session/state.ts";
import { agent, running } from "./sample.ts";

const GUEST = "Ada Lovelace";
const seal = (value: Json): Json => sealedValue(Buffer.from(JSON.stringify(value)).toString("base64url"));

/** A session whose effects a person and an agent settle, and which undoes them: with all states that it went through. */
function undone() {
  const w = running(
    sequence(
      step("room", { compensate: step("free-room") }),
      step("car", { compensate: step("free-room") }),
      step("a"),
    ),
    {
      agents: [
        agent("room", { effect: "once", onDoubt: { person: "Is it booked?", timeoutMs: 60_000 } }),
        agent("car", { effect: "once", onDoubt: "ask" }),
        agent("free-room", { reads: ["undo"] }),
      ],
    },
  );
  const states: SessionState[] = [];
  const note = () => void states.push(w.state);
  for (const [name, settle] of [
    ["room", () => w.person({ happened: true, result: { guest: GUEST } })],
    ["car", () => w.answer("car", { guest: GUEST })],
  ] as const) {
    w.claim(name);
    w.deadline();
    w.deadline();
    note();
    settle();
    note();
  }
  w.fail("a");
  note();
  w.answer("free-room", { guest: GUEST });
  note();
  return { commits: w.commits, states };
}

describe("personal values", () => {
  // A path within what agents found, and their whole sections.
  it.each([["room.guest"], ["room", "car", "free_room"]])(
    "of %s are sealed wherever doubts and compensations keep them",
    (...paths) => {
      const { commits, states } = undone();
      expect(JSON.stringify(commits).split(GUEST).length).toBeGreaterThan(5);
      const personal = personalValues(paths, seal);
      for (const one of commits) expect(JSON.stringify(commitValues(one, personal))).not.toContain(GUEST);
      for (const one of states) expect(JSON.stringify(stateValues(one, personal))).not.toContain(GUEST);
    },
  );
});
