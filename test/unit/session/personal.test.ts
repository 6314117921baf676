import { describe, expect, it } from "vitest";
import * as z from "zod";
import { choice, human, sequence, step, transform } from "#core/flow/build.ts";
import type { Json } from "#core/json.ts";
import { commitValues, openValues } from "#core/session/personal/commit-values.ts";
import { stateValues } from "#core/session/personal/state-values.ts";
import { sealedValue } from "#core/session/personal/markers.ts";
import { personalValues } from "#core/session/personal/personal-values.ts";
import type { SessionState } from "#core/session/state.ts";
import { agent, running } from "./sample.ts";

const GUEST = "Ada Lovelace";
const seal = (value: Json): Json => sealedValue(Buffer.from(JSON.stringify(value)).toString("base64url"));

const open = (sealed: string): Json => JSON.parse(Buffer.from(sealed, "base64url").toString("utf8")) as Json;

/** A session whose effects a person and an agent resolve, and which undoes them: with all states that it went through. */
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
  for (const [name, resolve] of [
    ["room", () => w.person({ happened: true, result: { guest: GUEST } })],
    ["car", () => w.answer("car", { guest: GUEST })],
  ] as const) {
    w.claim(name);
    w.deadline();
    w.deadline();
    note();
    resolve();
    note();
  }
  w.fail("a");
  note();
  w.answer("free-room", { guest: GUEST });
  note();
  return { commits: w.commits, states };
}

/** Two runs whose steps of every kind write personal values on their sheets, and read what the run before left. */
function remembered() {
  const talk = agent("talk", { keeps: true });
  const w = running(
    sequence(
      transform({ "profile.phone": "input.phone", "profile.plain": "1" }),
      step("a"),
      step(talk),
      human({ ask: "Who?", into: "contact", timeoutMs: 60_000 }),
      choice({
        when: [{ if: `has(before.profile.phone) && before.profile.phone == "${GUEST}"`, then: step("b") }],
        otherwise: transform({ "note.guest": "profile.phone" }),
      }),
    ),
    {
      agents: [talk, agent("a", { reads: ["profile", "before.profile", "before.contact"] })],
      data: { phone: GUEST },
    },
  );
  const states: SessionState[] = [];
  const note = () => void states.push(w.state);
  for (let run = 0; run < 2; run += 1) {
    if (run > 0) w.event("Asked", { phone: GUEST });
    note();
    w.answer("a", { guest: GUEST });
    note();
    w.answer("talk", { guest: GUEST });
    note();
    w.person({ guest: GUEST });
    note();
  }
  w.answer("b", 1);
  note();
  return { commits: w.commits, states };
}

describe("personal values", () => {
  it.each([
    [["input.phone", "profile.phone", "a.guest", "note.guest"]],
    [["input", "profile", "contact", "note", "a", "talk"]],
  ])("of %j are sealed on the sheets of runs, when they are promoted, and in views of `before`", (paths) => {
    const { commits, states } = remembered();
    expect(JSON.stringify(states.at(1)?.context)).toMatch(new RegExp(`"~[^"]*":\\{.*${GUEST}`));
    expect(JSON.stringify(commits)).toContain(`"before":{"profile":{"phone":"${GUEST}"`);
    const personal = personalValues(paths, seal);
    const opened = (value: unknown) => openValues(value as Json, open);
    for (const one of commits) {
      const sealed = commitValues(one, personal);
      // A flow's own text is no value.
      const events = sealed.events.filter(({ type }) => type !== "FlowStored" && type !== "ChoiceMade");
      expect(JSON.stringify({ ...sealed, events })).not.toContain(GUEST);
      const choices = sealed.events.flatMap(({ type, data }) => (type === "ChoiceMade" ? [data.values] : []));
      expect(JSON.stringify(choices)).not.toContain(GUEST);
      expect(opened(sealed)).toEqual(one);
    }
    for (const one of states) {
      expect(JSON.stringify(stateValues(one, personal))).not.toContain(GUEST);
      expect(opened(stateValues(one, personal))).toEqual(one);
    }
  });

  it("are sealed as a whole in signals, whether somebody hears them or not, and in the tasks that keep them", () => {
    const w = running(step("a"), { agents: [agent("a", { signals: { more: z.unknown() } })] });
    w.signal("a", "more", { note: GUEST });
    w.signal("nobody", "more", GUEST);
    const personal = personalValues(["input.email"], seal);
    const opened = (value: unknown) => openValues(value as Json, open);
    expect(JSON.stringify(w.commits).split(GUEST)).toHaveLength(3);
    for (const one of w.commits) {
      expect(JSON.stringify(commitValues(one, personal))).not.toContain(GUEST);
      expect(opened(commitValues(one, personal))).toEqual(one);
    }
    expect(JSON.stringify(w.state)).toContain(GUEST);
    expect(JSON.stringify(stateValues(w.state, personal))).not.toContain(GUEST);
    expect(opened(stateValues(w.state, personal))).toEqual(w.state);
  });

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
