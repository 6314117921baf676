import { expect, test } from "vitest";
import * as z from "zod";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, step } from "#core/flow/build.ts";
import { unpackApplication } from "#core/flow/packed-application.ts";
import { parseAgentName } from "#core/ids.ts";
import { packApplication } from "../../infra/bundling/pack-application.ts";

const withSignals = (signals: Readonly<Record<string, z.ZodType>>) => {
  const listener = defineAgent({ name: "listener", output: z.object({}), signals });
  return { flows: [defineFlow({ name: "listening", on: "Asked", plan: step(listener) })] };
};

test("functions check signals by what the stack wrote of their schemas", async () => {
  const packed = packApplication(withSignals({ wish: z.object({ text: z.string() }) }));
  if (packed.type !== "data") throw new Error("It takes code.");
  const { contracts } = unpackApplication(packed.application);
  const schema = contracts.get(parseAgentName("listener"))?.signals?.["wish"];
  expect(await schema?.["~standard"].validate({ text: "a garden" })).toEqual({ value: { text: "a garden" } });
  expect(await schema?.["~standard"].validate({ text: 7 })).toMatchObject({ issues: [{ path: ["text"] }] });
});

test("a signal's schema that takes code is named with its agent", () => {
  const refined = z.string().refine((text) => text !== "no");
  expect(packApplication(withSignals({ wish: refined }))).toMatchObject({
    type: "code",
    schemas: [{ of: "agents/listener signals.wish" }],
  });
});
