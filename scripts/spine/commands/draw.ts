import { writeFile } from "node:fs/promises";
import { drawFlow } from "#core/flow/draw.ts";
import { messageOf } from "#core/errors.ts";
import type { CompiledFlow } from "#core/flow/plan.ts";
import { TargetError, UsageError } from "#client/usage-error.ts";
import { nearest } from "../../nearest.ts";
import { defineOwnCommand } from "../command.ts";

const FORMATS = ["text", "mermaid", "svg"] as const;
type Format = (typeof FORMATS)[number];

/** Draws flows of an application: nothing of a spine is needed for it. */
export const draw = defineOwnCommand({
  name: "draw",
  usage: "[FLOW] [--app FILE] [--format text|mermaid|svg] [--out FILE]",
  about:
    "draws a flow of an application, or all as texts: for terminals, for pages with Mermaid, as a picture",
  positionals: { required: [], more: 1 },
  options: { app: { type: "string" }, format: { type: "string" }, out: { type: "string" } },
  prepare({ app, format: given = "text", out }, [name]) {
    const format = FORMATS.find((one) => one === given);
    if (format === undefined)
      throw new UsageError(`--format: "${given}" is no format. Use one of ${FORMATS.join(", ")}.`);
    return async ({ print }) => {
      const { applicationFile } = await import("../application-file.ts");
      const flows = applicationFile(app).application.flows.map(({ flow }) => flow);
      const meant = name === undefined ? flows : [flowNamed(name, flows)];
      if (format === "svg" && meant.length !== 1)
        throw new UsageError(`FLOW: a picture shows one flow. Give one of ${namesOf(flows)}.`);
      const texts = await Promise.all(meant.map((flow) => textOf(flow, format)));
      const text = texts.join("\n\n");
      if (out === undefined) return print(text);
      try {
        await writeFile(out, `${text.trimEnd()}\n`);
      } catch (cause) {
        throw new TargetError(`--out: ${messageOf(cause)}. Give a file in a folder that exists.`, { cause });
      }
      print(`Wrote ${out}.`);
    };
  },
});

const namesOf = (flows: readonly CompiledFlow[]): string => flows.map(({ name }) => name).join(", ");

function flowNamed(name: string, flows: readonly CompiledFlow[]): CompiledFlow {
  const found = flows.find((flow) => flow.name === name);
  if (found !== undefined) return found;
  const meant = nearest(
    name,
    flows.map((flow) => flow.name),
  );
  const repair = meant === undefined ? `Use one of ${namesOf(flows)}.` : `Did you mean ${meant}?`;
  throw new UsageError(`FLOW: the application has no flow "${name}" that an event starts. ${repair}`);
}

async function textOf(flow: CompiledFlow, format: Format): Promise<string> {
  switch (format) {
    case "text":
      return drawFlow(flow);
    case "mermaid":
      return (await import("../../draw/flow-mermaid.ts")).flowMermaid(flow);
    case "svg":
      return (await import("../../draw/flow-svg.ts")).flowSvg(flow);
  }
}
