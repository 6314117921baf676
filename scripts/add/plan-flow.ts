import type { Problem } from "#core/errors.ts";
import { camel, nameProblems, pascal } from "./names.ts";
import type { Plan, Project } from "./plan.ts";
import { listAfter, withImport, withItem } from "./source-text.ts";

const FLOWS = /\bflows:\s*\[/;

/** A flow that an event of its own starts, its test, and its entry in the application's module. */
export function planFlow({ app, source, extension }: Project, name: string): Plan {
  const problems: Problem[] = [...nameProblems("flow", name, source)];
  const value = `${camel(name)}Flow`;
  const imported = withImport(source, `import { ${value} } from "./flows/${name}${extension}";`);
  const list = listAfter(imported, FLOWS);
  if (list === undefined) {
    const repair = `Write flows: [${value}] into applicationDefinition.`;
    problems.push({ field: app, problem: "has no list of flows", repair });
  }
  return {
    created: {
      [`flows/${name}${extension}`]: flowText(name),
      [`test/${name}-flow.test${extension}`]: flowTest(name, extension),
    },
    changed: list === undefined ? {} : { [app]: withItem(imported, list, value) },
    problems,
    next: [`Write its steps in flows/${name}${extension}, then run npm test.`],
  };
}

const flowText = (name: string): string => `import { defineFlow, reply, sequence } from "event-spine";

/** Replies with what it was asked. Steps stand before the reply: \`step(agent)\`. */
export const ${camel(name)}Flow = defineFlow({
  name: "${name}",
  on: "${pascal(name)}Asked",
  plan: sequence(reply("input")),
});
`;

const flowTest = (name: string, extension: string): string => `import assert from "node:assert/strict";
import { test } from "node:test";
import { inProcessSpine } from "event-spine/testing";
import { ${camel(name)}Flow } from "../flows/${name}${extension}";

test("the flow ${name} replies", async () => {
  const spine = inProcessSpine({ flows: [${camel(name)}Flow], agents: [] });
  assert.deepEqual(await spine.ask("${pascal(name)}Asked", { id: 1 }), { id: 1 });
  await spine.close();
});
`;
