import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import type { Calendar } from "#functions/agents/scheduling/calendar.ts";

/** What agents may share with whoever starts them. Whatever else one needs, its folder makes. */
export interface AgentNeeds {
  readonly calendar: Calendar;
}

/** What the module of an agent's folder exports: the agent, or how to make it. */
interface AgentModule {
  readonly agent?: Agent;
  readonly createAgent?: (needs: AgentNeeds) => Agent;
}

const ROOT = new URL("../../", import.meta.url);

/** The agent that keeps a contract, found by its name: `functions/agents/<name>/agent.ts`. */
export async function loadAgent(contract: Contract, needs: AgentNeeds, root = ROOT): Promise<Agent> {
  const { name } = contract.spec;
  const path = `functions/agents/${name}/agent.ts`;
  const file = new URL(path, root);
  if (!existsSync(fileURLToPath(file))) {
    throw unusable(
      `Agent "${name}" has no ${path}`,
      "Add the file, and export `agent` or `createAgent` from it.",
    );
  }
  // What a module exports is only known by convention; both exports are looked at before they are used.
  const module = (await import(file.href)) as AgentModule;
  const agent = typeof module.createAgent === "function" ? module.createAgent(needs) : module.agent;
  if (agent === undefined) {
    throw unusable(`${path} exports neither \`agent\` nor \`createAgent\``, "Export one of them.");
  }
  if (agent.contract !== contract) {
    const other = agent.contract.spec.name;
    throw unusable(
      `${path} implements another contract, named "${other}"`,
      "Implement the very contract that the flow's step names.",
    );
  }
  return agent;
}

const unusable = (problem: string, repair: string): SpineError =>
  new SpineError("contract.invalid", `${problem}. ${repair}`);
