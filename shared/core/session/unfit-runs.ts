import type { Contract, ContractSpec } from "../contract.ts";
import type { Problem } from "../errors.ts";
import { contractChange } from "../flow/contract-change.ts";
import type { HashedFlow } from "../flow/plan.ts";
import { visitPlan } from "../flow/visit-plan.ts";
import type { AgentName } from "../ids.ts";
import { isLive, type RunState, type SessionState } from "./state.ts";

type Contracts = ReadonlyMap<AgentName, Contract>;

export interface ExchangedContracts {
  /** Those that the runs began with, as far as they are known. */
  readonly before: Contracts;
  readonly now: Contracts;
}

/** A flow that runs under way could not finish, and why. */
export interface UnfitFlow {
  readonly flow: string;
  readonly agent: AgentName;
  readonly problems: readonly Problem[];
}

/**
 * The agents without which runs of a session could not finish, and those whose new contract does not fit what the runs began with. Flows
 * themselves may change: a run keeps its own. Steps that are done need no agent, but for undoing them.
 */
export function unfitRuns(
  { runs }: Pick<SessionState, "runs">,
  book: { byHash(hash: string): HashedFlow | undefined },
  { before, now }: ExchangedContracts,
): readonly UnfitFlow[] {
  const found = new Map<string, UnfitFlow>();
  for (const run of Object.values(runs)) {
    const flow = book.byHash(run.flow)?.flow;
    if (flow === undefined) continue;
    for (const spec of neededBy(run, flow.plan)) {
      const contract = before.get(spec.name);
      const change = { spec, now: now.get(spec.name), ...(contract !== undefined && { before: contract }) };
      const problems = contractChange(change);
      if (problems.length > 0)
        found.set(`${flow.name}/${spec.name}`, { flow: flow.name, agent: spec.name, problems });
    }
  }
  return [...found.values()];
}

/** The contracts of the steps that a run may still come to. */
function neededBy(run: RunState, plan: HashedFlow["flow"]["plan"]): readonly ContractSpec[] {
  const needed: ContractSpec[] = [];
  const done: string[] = [];
  visitPlan(plan, ({ node, place, undoes }) => {
    if (isLive(run) && !undoes && run.steps[place]?.status === "done") done.push(place);
    const isDone = done.some((one) => place === one || place.startsWith(`${one}/`));
    if (node.kind !== "task" || (isDone && !undoes)) return;
    const standIns = node.fallback.flatMap((one) => (one.type === "agent" ? [one.agent] : []));
    needed.push(node.agent, ...standIns);
  });
  return needed;
}
