import { awaitsType } from "../../flow/awaited.ts";
import type { CompiledFlow, CompiledNode } from "../../flow/plan.ts";
import { childrenOf } from "../../flow/visit-plan.ts";
import { locate } from "../places.ts";
import { isLive, type LiveRun, type RunState } from "../state.ts";

/** Whether a run may still begin to wait for a type of event: a wait that is open already does not count. */
export function mayAwait(run: RunState, flow: CompiledFlow, type: string): boolean {
  if (!awaitsType(flow.plan, type)) return false;
  if (!isLive(run)) return true;
  // What is being undone goes nowhere; what began under form 1 ends under its rules.
  if (run.status === "compensating" || run.sheet === undefined) return false;
  return ahead(run, flow.plan, "plan", type) === "waits" || mayLinger(run, flow, type);
}

/** What lies ahead in a part of a plan: a wait of the type, none, or nothing, since it has failed. */
type Ahead = "waits" | "none" | "failed";

function ahead(run: LiveRun, node: CompiledNode, step: string, type: string): Ahead {
  const state = run.steps[step];
  if (state !== undefined && state.status !== "open") return state.status === "failed" ? "failed" : "none";
  const children = childrenOf(node).map(([part, child]) => [child, `${step}/${part}`] as const);
  const any = (parts: readonly (readonly [CompiledNode, string])[]): Ahead =>
    parts.some(([child, place]) => ahead(run, child, place, type) === "waits") ? "waits" : "none";
  switch (node.kind) {
    case "wait":
      return state === undefined && node.event === type ? "waits" : "none";
    case "sequence":
    case "flow":
      for (const [child, place] of children) {
        const found = ahead(run, child, place, type);
        if (found !== "none") return found;
      }
      return "none";
    case "parallel":
      return any(children);
    case "choice": {
      const branch = state?.kind === "choice" ? `${step}/${state.branch}` : undefined;
      return any(children.filter(([, place]) => branch === undefined || place === branch));
    }
    case "map": {
      if (!awaitsType(node.each, type)) return "none";
      if (state?.kind !== "map") return "waits";
      return any(state.items.map((_, index) => [node.each, `${step}/each[${index}]`] as const));
    }
    case "task":
    case "human":
    case "transform":
    case "emit":
    case "reply":
      return "none";
  }
}

/** Whether a branch that a decided join left to finish may wait for it. */
function mayLinger(run: LiveRun, flow: CompiledFlow, type: string): boolean {
  return Object.entries(run.steps).some(([step, state]) => {
    if (state.status === "open" || state.lingering === undefined) return false;
    const { lingering } = state;
    return childrenOf(locate(run, flow, step).node).some(
      ([name, branch]) => lingering.includes(name) && ahead(run, branch, `${step}/${name}`, type) === "waits",
    );
  });
}
