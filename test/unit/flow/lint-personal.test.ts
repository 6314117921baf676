import { describe, expect, it } from "vitest";
import { compileApplication } from "#core/flow/application.ts";
import { fallback, map, sequence, step, transform } from "#core/flow/build.ts";
import { formatFinding } from "#core/flow/lint.ts";
import { lintPersonal } from "#core/flow/lint/lint-personal.ts";
import type { PlanNode } from "#core/flow/plan.ts";
import { contractOf, digest, flowOf } from "../runtime/engine.ts";

const found = (declared: readonly string[], ...steps: readonly PlanNode[]): readonly string[] => {
  const { flows } = compileApplication({ flows: [flowOf(sequence(...steps))] }, digest);
  return lintPersonal(
    flows.map(({ flow }) => flow),
    declared,
  ).map(formatFinding);
};

const silent = contractOf("silent", { reads: ["input.email"] });
const open = contractOf("open", { reads: ["input"], personal: ["name"] });
const counting = contractOf("counting", { reads: ["input"], personal: { none: "It counts words." } });
const blind = contractOf("blind", { reads: ["input.text"] });

describe("a contract that reads a personal path", () => {
  it("causes a warning until it declares the personal values of its result, or that there are none", () => {
    expect(found(["input.email"], step(silent))).toEqual([
      'warning undeclared-personal visit/plan/0: the agent "silent" reads personal values in "input.email", but its contract does not say where its result contains them, so the whole result is sealed. Give the contract personal: ["path"], or personal: { none: "why there is none" }.',
    ]);
    expect(found(["input.email"], step(open), step(counting), step(blind))).toEqual([]);
    expect(found([], step(silent))).toEqual([]);
  });

  it("also causes a warning when it gets the value indirectly, or is a fallback", () => {
    const later = contractOf("later", { reads: ["open.name"] });
    expect(found(["session.who"], step(open), step(later))).toHaveLength(1);
    expect(found(["input.email"], step(blind, { fallback: fallback.agent(silent) }))).toHaveLength(1);
  });

  it.each([
    [["name", ""], '"" is not a path'],
    [[], "is empty"],
    [{ none: " " }, "is missing a reason"],
  ])("is rejected when it declares nothing: %j", (personal, problem) => {
    expect(() => contractOf("some", { personal })).toThrow(problem);
  });
});

describe("a personal value that would become part of a path", () => {
  it("is an error, as a map's key and as a name computed by an expression", () => {
    const items = map({ over: "input.people", key: "item.value.email", maxItems: 3, each: step(counting) });
    expect(found(["input.people.email"], items).join()).toContain("error personal-name visit/plan/0/key");
    expect(found(["input.email"], transform({ "note.x": "{input.email: 1}" })).join()).toContain(
      "error personal-name visit/plan/0/set/note.x",
    );
    expect(found(["input.people.email"], map({ ...items, key: "item.value.id" }))).toEqual([]);
  });
});
