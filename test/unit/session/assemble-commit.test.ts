import { describe, expect, it } from "vitest";
import { step } from "#core/flow/build.ts";
import { assembleCommit, nothingDecided } from "#core/session/assemble-commit.ts";
import type { SessionState } from "#core/session/state.ts";
import { World } from "#testing/given-when-then.ts";
import { applicationOf, flowOf } from "./sample.ts";

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const fresh = () => new World(applicationOf([flowOf(step("a"))]));

describe("a commit", () => {
  it("has the trace of its event, and the answers of its run have the same", () => {
    const w = fresh();
    w.event("Asked", {}, { traceparent: TRACE });
    w.answer("a", {});
    const headers = w.commits.flatMap(({ inputs }) => inputs);
    expect(headers.map(({ kind, traceparent }) => [kind, traceparent])).toEqual([
      ["event", TRACE],
      ["answer", TRACE],
    ]);
  });

  it("carries in each input what the earlier inputs of the commit have seen, and stores it once", () => {
    const w = fresh();
    const { events } = w.send(w.eventInput("Asked"), w.eventInput("Asked"));
    const [commit] = w.commits;
    expect(commit?.inputs).toHaveLength(2);
    expect(commit?.last).toBe(events.length);
    expect(Object.keys(commit?.seen.triggers ?? {})).toEqual(["Asked"]);
  });

  it("orders no dispatch that a later input of it has cancelled", () => {
    const w = fresh();
    const identity = { source: "test", id: "stop", hash: "h", correlation: "c" };
    const stop = { kind: "command", command: { type: "stop", reason: "enough" }, ...identity } as const;
    const { types } = w.send(w.eventInput("Asked"), stop);
    expect(types).toContain("TaskCreated");
    expect(w.commits[0]?.directives.filter(({ type }) => type === "dispatch")).toEqual([]);
  });

  it("lets only ids leave the window that were committed before it", () => {
    const w = fresh();
    w.event("Asked");
    const before = w.state;
    const entry = before.ids.slice(0, 1);
    const after = { ...before, ids: [...before.ids, ...entry, ...entry, ...entry] };
    const parts = { before, previous: "", seen: { now: 0, id: "c", limits: { idWindow: 2 } } };
    const evicted = (state: SessionState) =>
      assembleCommit({ ...parts, decided: nothingDecided(state) }).evicted;
    expect(before.ids).toHaveLength(1);
    expect([evicted(before), evicted(after)]).toEqual([0, 1]);
  });
});
