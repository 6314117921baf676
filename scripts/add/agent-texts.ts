import { camel, sectionOf } from "./names.ts";

/** An agent without a model. */
export const plainAgent = (name: string): string => `import { defineAgent } from "event-spine";
import * as z from "zod";

/** What the agent reads of the session's context, and what it answers. */
export const ${camel(name)} = defineAgent({
  name: "${name}",
  reads: ["input"],
  output: z.object({ text: z.string() }),
});

export const ${camel(name)}Agent = ${camel(name)}.implement(({ context, signal }) => {
  signal.throwIfAborted();
  return { text: \`${name} got \${JSON.stringify(context.input)}\` };
});
`;

/** Tests an agent alone, in a flow of its own. */
export const agentTest = (
  name: string,
  extension: string,
  expected = `'${name} got {"id":1}'`,
): string => `import assert from "node:assert/strict";
import { test } from "node:test";
import { defineFlow, reply, sequence, step } from "event-spine";
import { inProcessSpine } from "event-spine/testing";
import { ${camel(name)}, ${camel(name)}Agent } from "../agents/${name}${extension}";

test("${name} answers", async () => {
  const plan = sequence(step(${camel(name)}), reply("${sectionOf(name)}"));
  const flow = defineFlow({ name: "alone", on: "Asked", plan });
  const spine = inProcessSpine({ flows: [flow], agents: [${camel(name)}Agent] });
  assert.deepEqual(await spine.ask("Asked", { id: 1 }), { text: ${expected} });
  await spine.close();
});
`;

/** The agent's function on AWS. */
export const handlerText = (
  name: string,
  extension: string,
): string => `import { hostAgent } from "event-spine/aws";
import { ${camel(name)}Agent } from "../../agents/${name}${extension}";

export const handler = hostAgent(${camel(name)}Agent);
`;
