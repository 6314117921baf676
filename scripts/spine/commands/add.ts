import { existsSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { UsageError } from "#client/usage-error.ts";
import { FROM, isFrom, type From } from "../../add/framework-agents.ts";
import type { Plan, Project } from "../../add/plan.ts";
import { defineOwnCommand } from "../command.ts";
import { requireNode } from "../required-node.ts";

const KINDS = ["agent", "flow", "aws"] as const;
type Kind = (typeof KINDS)[number];

const isKind = (text: string): text is Kind => KINDS.some((kind) => kind === text);

/** Adds to one's own application. */
export const add = defineOwnCommand({
  name: "add",
  usage: "agent NAME [--from ADAPTER] [--flow FLOW] | flow NAME | aws [--app FILE]",
  about:
    "adds an agent or a flow to your application (default: spine.ts), with a test and its lines in the module (--from ai-sdk, langgraph, strands, lambda, http or a2a: on what you have); or a stack to deploy it",
  positionals: { required: ["agent, flow or aws"], more: 1 },
  options: { app: { type: "string" }, flow: { type: "string" }, from: { type: "string" } },
  prepare({ app = "spine.ts", flow, from }, [kind = "", name]) {
    requireNode("add");
    if (!isKind(kind)) throw new UsageError(`"${kind}": unknown kind. Use one of ${KINDS.join(", ")}.`);
    if (kind === "aws" && name !== undefined)
      throw new UsageError(`"${name}": unexpected argument. Call add aws.`);
    if (kind !== "aws" && name === undefined)
      throw new UsageError(`NAME: is missing. Give the ${kind} a name, such as order-status.`);
    const forAgents = flow === undefined ? from && "--from" : "--flow";
    if (forAgents !== undefined && kind !== "agent")
      throw new UsageError(`${forAgents}: is for add agent. Leave it out.`);
    if (from !== undefined && !isFrom(from))
      throw new UsageError(`--from: unknown adapter "${from}". Use one of ${FROM.join(", ")}.`);
    if (!existsSync(app))
      throw new UsageError(
        `--app: ${app} does not exist. Call this in the folder of your application's module.`,
      );
    const project = { app, source: readFileSync(app, "utf8"), extension: extname(app) };
    return async ({ print }) => {
      const { carryOut } = await import("../../add/plan.ts");
      const plan = await planOf(kind, project, { name: name ?? "", flow, from });
      print([...carryOut(plan), "", ...plan.next].join("\n"));
    };
  },
});

interface Asked {
  readonly name: string;
  readonly flow: string | undefined;
  readonly from: From | undefined;
}

async function planOf(kind: Kind, project: Project, { name, flow, from }: Asked): Promise<Plan> {
  switch (kind) {
    case "agent": {
      const { planAgent } = await import("../../add/plan-agent.ts");
      return planAgent(project, {
        name,
        ...(flow !== undefined && { flow }),
        ...(from !== undefined && { from }),
      });
    }
    case "flow":
      return (await import("../../add/plan-flow.ts")).planFlow(project, name);
    case "aws":
      return (await import("../../add/plan-aws.ts")).planAws(project);
  }
}
