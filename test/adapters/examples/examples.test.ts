import { readdirSync } from "node:fs";
import { defineApplication } from "../../../shared/core/flow/compile.ts";
import { createNodeDigest } from "../../../shared/node/node-digest.ts";
import { describe, expect, it } from "vitest";
import { booking, desk } from "./desk.ts";

const NO_AGENT = ["desk.ts", "examples.test.ts"];
const names = readdirSync(import.meta.dirname)
  .filter((file) => !NO_AGENT.includes(file))
  .map((file) => file.replace(".ts", ""));

describe("the examples of the pages", () => {
  it.each(names)("%s.ts makes an agent", async (name) => {
    const { agent } = (await import(`./${name}.ts`)) as {
      readonly agent: { readonly contract: { readonly spec: object } };
    };
    expect(agent.contract.spec).toHaveProperty("writes");
  });

  it("have a flow without errors", () => {
    expect(() =>
      defineApplication({ agents: [desk as never], flows: [booking] }, createNodeDigest()),
    ).not.toThrow();
  });
});
