import { describe, expect, it } from "vitest";
import { parallel, sequence, transform } from "#core/flow/build.ts";
import { flow, found, safe } from "../flow/sample.ts";

describe("clearing an agent's section", () => {
  it("is allowed in a flow that uses the agent", () => {
    expect(found(flow(sequence(transform({ a: "null" }), safe("a"))))).toEqual([]);
  });

  it("is rejected when the transform writes any other value", () => {
    expect(found(flow(sequence(transform({ a: "{}" }), safe("a"))))).toEqual([
      "reserved-section visit/plan/0",
    ]);
  });

  it("is rejected for a part of the section", () => {
    expect(found(flow(sequence(transform({ "a.text": "null" }), safe("a"))))).toEqual([
      "reserved-section visit/plan/0",
    ]);
  });

  it("is rejected in a flow without that agent", () => {
    expect(found(flow(sequence(transform({ a: "null" }), safe("b"))))).toEqual([
      "reserved-section visit/plan/0",
    ]);
  });

  it("is rejected for the spine's own sections", () => {
    expect(found(flow(sequence(transform({ session: "null" }), safe("a"))))).toEqual([
      "reserved-section visit/plan/0",
    ]);
  });

  it("shares a slot with a concurrent step that writes it", () => {
    const plan = parallel({ branches: { clear: transform({ a: "null" }), work: safe("a") } });
    expect(found(flow(plan))).toEqual(["shared-slot visit/plan/work"]);
  });
});
