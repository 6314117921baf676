import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { choice, defineFlow, fallback, map, parallel, sequence, step, subFlow } from "#core/flow/build.ts";
import { defineApplication } from "#core/flow/compile.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { sha256Digest } from "#testing/given-when-then.ts";

const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => defineAgent({ name, output: z.unknown() })) as [
  ReturnType<typeof defineAgent>,
  ReturnType<typeof defineAgent>,
  ReturnType<typeof defineAgent>,
  ReturnType<typeof defineAgent>,
];
const skip = { fallback: fallback.skip() };
const flowOf = (plan: FlowDefinition["plan"], name = "visit") => defineFlow({ name, on: "Asked", plan });
const namesOf = (...flows: readonly FlowDefinition[]) => [
  ...defineApplication({ flows }, sha256Digest).contracts.keys(),
];

describe("an application", () => {
  it("finds the contracts of its steps, at any depth", () => {
    const nested = sequence(
      parallel({ branches: { one: step(a, skip), two: step(b, skip) } }),
      choice({ when: [{ if: "input.x == 1", then: step(c, skip) }], otherwise: step(d, skip) }),
    );
    expect(namesOf(flowOf(nested)).toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(namesOf(flowOf(map({ over: "input.list", each: step(a, skip) })))).toEqual(["a"]);
  });

  it("finds the contracts of fallbacks and sub-flows", () => {
    const chained = step(a, { fallback: [fallback.agent(b), fallback.skip()] });
    const part = defineFlow({ name: "part", plan: step(c, skip) });
    expect(namesOf(flowOf(sequence(chained, subFlow(part))), part).toSorted()).toEqual(["a", "b", "c"]);
  });

  it("keeps the same contract object, with its schemas", () => {
    const { contracts } = defineApplication({ flows: [flowOf(step(a, skip))] }, sha256Digest);
    expect(contracts.get(a.spec.name)).toBe(a);
  });

  it("counts a contract once when its step is used twice or the contract is also listed", () => {
    const shared = step(a, skip);
    const flows = [flowOf(shared), defineFlow({ name: "other", on: "Else", plan: shared })];
    expect(namesOf(...flows)).toEqual(["a"]);
    expect([...defineApplication({ agents: [a], flows }, sha256Digest).contracts.keys()]).toEqual(["a"]);
  });

  it("rejects two contracts of one name, whether from steps or listed", () => {
    const other = defineAgent({ name: "a", output: z.string() });
    const refusal = expect.objectContaining({
      code: "flow.invalid",
      message: expect.stringContaining(`a second contract is named "a"`) as unknown,
    }) as Error;
    const built = [flowOf(sequence(step(a, skip), step(other, skip)))];
    expect(() => defineApplication({ flows: built }, sha256Digest)).toThrow(refusal);
    const listed = { agents: [other], flows: [flowOf(step(a, skip))] };
    expect(() => defineApplication(listed, sha256Digest)).toThrow(refusal);
  });

  it("needs contracts listed for flows that were read from JSON, which contain data only", () => {
    const definition = flowOf(step(a, skip));
    const read = JSON.parse(JSON.stringify(definition)) as FlowDefinition;
    expect(read).toEqual(definition);
    expect(() => defineApplication({ flows: [read] }, sha256Digest)).toThrow("unknown-agent");
    const listed = defineApplication({ agents: [a], flows: [read] }, sha256Digest);
    expect(listed.flows).toEqual(defineApplication({ flows: [definition] }, sha256Digest).flows);
  });
});

it("reports at once which agents of its flows have no implementation", () => {
  const flows = [flowOf(sequence(step(a, skip), step(b, skip)))];
  const spine = () => inProcessSpine({ flows, agents: [a.implement(() => 1)] });
  expect(spine).toThrow("No agent implements b.");
});
