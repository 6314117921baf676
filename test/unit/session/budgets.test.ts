import { describe, expect, it } from "vitest";
import { step } from "#core/flow/build.ts";
import type { JsonObject } from "#core/json.ts";
import { World } from "#testing/given-when-then.ts";
import { applicationOf, flowOf } from "./sample.ts";

const budget = (limits: JsonObject) => ({ constraints: { budget: limits } });

describe("a budget that comes later", () => {
  const session = (form?: number) =>
    new World(applicationOf([flowOf(step("a"))]), form === undefined ? {} : { form });

  it("adds to an earlier one, and takes the place of the limits that it names", () => {
    const w = session();
    w.event("Asked", {}, budget({ tokens: 100, money: 2 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({ money: 5, hops: 9 }));
    expect(w.order("a", 1).budget).toEqual({ hops: 9, tokens: 100, money: 5 });
    expect(w.state.context["constraints"]).toEqual({ budget: { tokens: 100, money: 5, hops: 9 } });
  });

  it("leaves it as it is when it names nothing, or when other limits come without one", () => {
    const w = session();
    w.event("Asked", {}, budget({ tokens: 100 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({}));
    w.answer("a", 1, { dispatch: 1 });
    w.event("Asked", {}, { constraints: { radius: 3 } });
    expect(w.state.context["constraints"]).toEqual({ budget: { tokens: 100 }, radius: 3 });
    expect(w.order("a", 2).budget).toEqual({ hops: 1_000, tokens: 100 });
  });

  it("bounds the time of later runs by what an earlier one said", () => {
    const w = session();
    w.event("Asked", {}, budget({ deadlineMs: 1_500 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({ tokens: 100 }));
    expect(Object.values(w.state.runs)).toMatchObject([{ dueAt: w.now + 1_500 }]);
  });

  it("takes its place in a log of form 1, which reads as it did", () => {
    const w = session(1);
    w.event("Asked", {}, budget({ tokens: 100 }));
    w.answer("a", 1);
    w.event("Asked", {}, budget({ money: 5 }));
    expect(w.state.context["constraints"]).toEqual({ budget: { money: 5 } });
  });
});
