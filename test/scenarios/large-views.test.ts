import { expect, it } from "vitest";
import * as z from "zod";
import { answered, defineAgent, defineFlow, sequence, step } from "#core/index.ts";
import { inProcessSpine } from "#testing/index.ts";

const LARGE = "ä".repeat(60_000);

it("gives an agent a view that is too large for a message", async () => {
  const writer = defineAgent({ name: "writer", output: z.object({ text: z.string() }) });
  const reader = defineAgent({
    name: "reader",
    reads: ["writer"],
    output: z.object({ length: z.number() }),
    timeoutMs: 10_000,
  });
  const flow = defineFlow({ name: "large", on: "Asked", plan: sequence(step(writer), step(reader)) });
  const agents = [
    writer.implement(() => ({ text: LARGE })),
    reader.implement(({ context }) => ({ length: context.writer.text.length })),
  ];
  const spine = inProcessSpine({ flows: [flow], agents });
  expect(await spine.ask("Asked", {})).toEqual({ length: LARGE.length });
  await spine.close();
});

it("counts an answer with an invalid confidence as a failed one", async () => {
  const guesser = defineAgent({
    name: "guesser",
    output: z.object({}),
    retries: { max: 0, backoffMs: 0 },
  });
  const flow = defineFlow({ name: "guessing", on: "Asked", plan: step(guesser) });
  const agents = [guesser.implement(() => answered({ result: {}, confidence: 7 }))];
  const spine = inProcessSpine({ flows: [flow], agents });
  await expect(spine.ask("Asked", {})).rejects.toThrow("confidence is 7. Give a number from 0 to 1.");
  await spine.close();
});
