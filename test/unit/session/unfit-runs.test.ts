import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent, type AgentDefinition, type Contract } from "#core/contract.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { defineFlow, human, reply, sequence, step } from "#core/flow/build.ts";
import { unfitRuns } from "#core/session/unfit-runs.ts";
import { sha256Digest, World } from "#testing/given-when-then.ts";

type Definition = Partial<AgentDefinition<unknown, unknown>>;

const agent = (name: string, definition: Definition = {}): Contract =>
  defineAgent({
    name,
    reads: ["input"],
    input: z.object({ input: z.object({ who: z.string() }) }),
    output: z.object({ text: z.string() }),
    ...definition,
  }) as Contract;

const [first, second] = [agent("first"), agent("second")];
const flow = defineFlow({
  name: "asking",
  on: "Asked",
  plan: sequence(step(first), human({ ask: "Go on?", into: "said" }), step(second), reply("second")),
});
const application = defineApplication({ flows: [flow] }, sha256Digest);

/** A session whose run asks a person after its first step. */
function asking() {
  const world = new World(application);
  world.event("Asked", { who: "Ada" });
  world.answer("first", { text: "done" });
  return world.state;
}

const problemsWith = (...now: readonly Contract[]): readonly string[] => {
  const before = new Map([first, second].map((one) => [one.spec.name, one]));
  const exchanged = { before, now: new Map(now.map((one) => [one.spec.name, one])) };
  return unfitRuns(asking(), application, exchanged).flatMap(({ flow: name, agent: of, problems }) =>
    problems.map(({ field, problem }) => `${name}/${of} ${field} ${problem}`),
  );
};

describe("runs under way when agents are exchanged", () => {
  it("go on with the same contracts, with more that is optional, and without an agent whose step is done", () => {
    expect(problemsWith(first, second)).toEqual([]);
    const input = z.object({ input: z.object({ who: z.string(), how: z.string().optional() }) });
    const output = z.object({ text: z.string(), more: z.int() });
    expect(problemsWith(first, agent("second", { input, output, timeoutMs: 5 }))).toEqual([]);
    expect(problemsWith(second)).toEqual([]);
  });

  it.each<[string, Definition, string]>([
    [
      "reads what no view has",
      { reads: ["input", "first"] },
      'reads "first" is not in the views of runs under way',
    ],
    ["becomes an effect", { effect: "once" }, 'effect was "none" and is "once"'],
    [
      "demands another field",
      { input: z.object({ input: z.object({ name: z.string() }) }) },
      "input.input.name is required now",
    ],
    [
      "demands another type",
      { input: z.object({ input: z.object({ who: z.int() }) }) },
      "input.input.who is of another type than string",
    ],
    [
      "answers without a field",
      { output: z.object({ body: z.string() }) },
      "output.text is no longer certain to be there",
    ],
    ["answers with another type", { output: z.object({ text: z.int() }) }, "output.text is integer now"],
  ])("cannot go on with an agent that %s", (_, definition, problem) => {
    expect(problemsWith(first, agent("second", definition))).toEqual([`asking/second ${problem}`]);
  });

  it("cannot go on without an agent that is still to come", () => {
    expect(problemsWith(first)).toEqual(['asking/second agents "second" is gone']);
  });
});
