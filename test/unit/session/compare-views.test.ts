import { describe, expect, it } from "vitest";
import { sequence, step } from "#core/flow/build.ts";
import { compareViews } from "#core/session/compare-views.ts";
import { foldCommits, stateWithin } from "#core/session/fold.ts";
import type { SessionEvents } from "#core/session/events.ts";
import { World } from "#testing/given-when-then.ts";
import { agent, applicationOf, flowOf } from "./sample.ts";

const reading = agent("b", { reads: ["input", "a", "session.customer", "session.list"] });
const flows = [
  flowOf(sequence(step("a"), step("b"), step("c"))),
  flowOf(step("d"), { name: "other", on: "Told", onBusy: "parallel" }),
];
const customer = { name: "Ada", address: { town: "Turin" } };

function atB(): World {
  const w = new World(applicationOf(flows, [reading]));
  w.event("Asked", { n: 1 }, { session: { customer, list: [1] } });
  w.answer("a", { x: 1 });
  return w;
}

function compared(w: World) {
  const sent = w
    .events()
    .find(
      (event): event is typeof event & { data: SessionEvents["AttemptDispatched"] } =>
        event.type === "AttemptDispatched" && event.data.agent === "b",
    );
  if (sent === undefined) throw new Error("b was not called.");
  const { asOf } = sent.data;
  const at = w.commits.findIndex(({ last }) => last >= asOf);
  const before = foldCommits(w.state, w.commits.slice(0, at), () => undefined);
  const commit = w.commits[at];
  if (commit === undefined) throw new Error("There is no such commit.");
  const then = stateWithin(before, commit, asOf);
  return compareViews(then, sent.data, w.state, w.application);
}

describe("the views of an attempt", () => {
  it("are what the agent was sent and, while nothing changes, the same now", () => {
    const w = atB();
    const { view, now, changed, isOver } = compared(w);
    expect(view).toEqual(w.orders.at(-1)?.view);
    expect(now).toEqual(view);
    expect(changed).toEqual([]);
    expect(isOver).toBe(false);
  });

  it("name each path that changed, as deep as objects go, with the event that wrote it", () => {
    const w = atB();
    const later = { name: "Ada", address: { town: "Milan", zip: "20121" } };
    w.event("Told", {}, { session: { customer: later, list: [1, 2] } });
    const told = w.events().findLast(({ type }) => type === "RunStarted")?.sequence;
    const { view, now, changed, nowAt } = compared(w);
    expect(view).toMatchObject({ session: { customer } });
    expect(now).toMatchObject({ session: { customer: later } });
    expect(nowAt).toBe(w.state.sequence);
    expect(changed).toEqual([
      { path: "session.customer.address.town", then: "Turin", now: "Milan", writtenAt: told },
      { path: "session.customer.address.zip", now: "20121", writtenAt: told },
      { path: "session.list", then: [1], now: [1, 2], writtenAt: told },
    ]);
  });

  it("are told of a run that has ended by what it left in the session", () => {
    const w = atB();
    w.answer("b", { y: 1 });
    w.answer("c", 1);
    expect(compared(w)).toMatchObject({ isOver: true, changed: [], now: { a: { x: 1 }, input: { n: 1 } } });
  });
});
