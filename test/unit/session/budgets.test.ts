import { describe, expect, it } from "vitest";
import { sequence, step } from "#core/flow/build.ts";
import type { JsonObject } from "#core/json.ts";
import type { Ceilings } from "#core/session/limits.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { World } from "#testing/given-when-then.ts";
import { applicationOf, flowOf } from "./sample.ts";

const budget = (limits: JsonObject) => ({ constraints: { budget: limits } });

describe("a ceiling of the deployment", () => {
  const session = (limits: Ceilings, plan = sequence(step("a"), step("a"))) =>
    new World(applicationOf([flowOf(plan)]), { limits });

  it("applies when no event brings a budget, and cannot be raised by one that does", () => {
    const w = session({ tokens: 100, money: 2, hops: 7 });
    w.event("Asked");
    expect(w.order("a").budget).toEqual({ hops: 7, tokens: 100, money: 2 });
    w.event("Asked", {}, budget({ tokens: 1e12, money: 1e12, hops: 1_000_000 }));
    w.answer("a", 1, { usage: { tokens: 100 } });
    expect(w.events().find(({ type }) => type === "BudgetExhausted")).toMatchObject({
      data: { budget: "tokens", limit: 100 },
    });
  });

  it("leaves a lower budget unchanged", () => {
    const w = session({ tokens: 100, deadlineMs: 9_000 });
    w.event("Asked", {}, budget({ tokens: 40, deadlineMs: 3_000 }));
    expect(w.order("a").budget).toMatchObject({ tokens: 40 });
    expect(Object.values(w.state.runs)).toMatchObject([{ dueAt: w.now + 3_000 }]);
  });

  it("bounds the time of a run, whatever an event says", () => {
    const w = session({ deadlineMs: 2_000 });
    w.event("Asked", {}, budget({ deadlineMs: 1e12 }));
    expect(Object.values(w.state.runs)).toMatchObject([{ dueAt: w.now + 2_000 }]);
  });

  it("bounds the time of a session from its first event; a later event can only shorten it", () => {
    const w = session({ sessionMs: 60_000 });
    w.event("Asked");
    const end = w.now + 60_000;
    expect(w.state.deadline).toBe(end);
    w.wait(10_000).event("Asked", {}, budget({ sessionMs: 1e12 }));
    expect(w.state.deadline).toBe(end);
    w.event("Asked", {}, budget({ sessionMs: 5_000 }));
    expect(w.state.deadline).toBe(w.now + 5_000);
    w.event("Asked", {}, budget({ sessionMs: 50_000 }));
    expect(w.state.deadline).toBe(w.now + 5_000);
  });

  it("is decided again from the log alone", () => {
    const w = session({ tokens: 100, sessionMs: 60_000, deadlineMs: 2_000 });
    w.event("Asked", {}, budget({ tokens: 1e12, sessionMs: 1e12, deadlineMs: 1e12 }));
    w.answer("a", 1, { usage: { tokens: 100 } });
    expect(verifyReplay(w.commits, w.application)).toBeUndefined();
  });

  it("does not exist when the deployment sets none", () => {
    const w = session({});
    w.event("Asked", {}, budget({ sessionMs: 60_000 }));
    w.wait(10_000).event("Asked", {}, budget({ sessionMs: 60_000 }));
    expect(w.state.deadline).toBe(w.now + 60_000);
  });
});

describe("a later budget", () => {
  const session = (form?: number) =>
    new World(applicationOf([flowOf(step("a"))]), form === undefined ? {} : { form });

  it("adds to an earlier one, and replaces the limits that it names", () => {
    const w = session();
    w.event("Asked", {}, budget({ tokens: 100, money: 2 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({ money: 5, hops: 9 }));
    expect(w.order("a", 1).budget).toEqual({ hops: 9, tokens: 100, money: 5 });
    expect(w.state.context["constraints"]).toEqual({ budget: { tokens: 100, money: 5, hops: 9 } });
  });

  it("leaves it unchanged when it names nothing, or when other constraints come without one", () => {
    const w = session();
    w.event("Asked", {}, budget({ tokens: 100 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({}));
    w.answer("a", 1, { dispatch: 1 });
    w.event("Asked", {}, { constraints: { radius: 3 } });
    expect(w.state.context["constraints"]).toEqual({ budget: { tokens: 100 }, radius: 3 });
    expect(w.order("a", 2).budget).toEqual({ hops: 1_000, tokens: 100 });
  });

  it("bounds the time of later runs by the earlier limit", () => {
    const w = session();
    w.event("Asked", {}, budget({ deadlineMs: 1_500 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({ tokens: 100 }));
    expect(Object.values(w.state.runs)).toMatchObject([{ dueAt: w.now + 1_500 }]);
  });

  it("replaces it in a log of form 1, which reads as before", () => {
    const w = session(1);
    w.event("Asked", {}, budget({ tokens: 100 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({ money: 5 }));
    expect(w.state.context["constraints"]).toEqual({ budget: { money: 5 } });
  });
});
