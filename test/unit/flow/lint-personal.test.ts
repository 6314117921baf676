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
  it("is warned of until it says where in its result personal values stand, or that there are none", () => {
    expect(found(["input.email"], step(silent))).toEqual([
      'warning undeclared-personal visit/plan/0: the agent "silent" reads personal values in "input.email", and its contract does not say where in its result they stand: the whole result is sealed. Give the contract personal: ["path"], or personal: { none: "why there is none" }.',
    ]);
    expect(found(["input.email"], step(open), step(counting), step(blind))).toEqual([]);
    expect(found([], step(silent))).toEqual([]);
  });

  it("is warned of too where the value came by way of others, or it is a fallback", () => {
    const later = contractOf("later", { reads: ["open.name"] });
    expect(found(["session.who"], step(open), step(later))).toHaveLength(1);
    expect(found(["input.email"], step(blind, { fallback: fallback.agent(silent) }))).toHaveLength(1);
  });

  it.each([
    [["name", ""], '"" is no path'],
    [[], "is empty"],
    [{ none: " " }, "gives no reason"],
  ])("is refused when it says nothing: %j", (personal, problem) => {
    expect(() => contractOf("some", { personal })).toThrow(problem);
  });
});

describe("a personal value that would become part of a path", () => {
  it("is an error, as a map's key and as a name that an expression makes", () => {
    const items = map({ over: "input.people", key: "item.value.email", maxItems: 3, each: step(counting) });
    expect(found(["input.people.email"], items).join()).toContain("error personal-name visit/plan/0/key");
    expect(found(["input.email"], transform({ "note.x": "{input.email: 1}" })).join()).toContain(
      "error personal-name visit/plan/0/set/note.x",
    );
    expect(found(["input.people.email"], map({ ...items, key: "item.value.id" }))).toEqual([]);
  });
});
