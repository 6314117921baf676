import { valueAt, withoutValueAt } from "#core/context/document.ts";
import type { CompiledFlow } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";

/** Without a path, and without the objects that hold nothing but it. */
export function withoutTrace(whole: JsonObject, path: string): JsonObject {
  if (valueAt(whole, path) === undefined) return whole;
  const left = withoutValueAt(whole, path);
  const above = path.slice(0, Math.max(0, path.lastIndexOf(".")));
  const rest = above === "" ? undefined : valueAt(left, above);
  return rest !== undefined && isJsonObject(rest) && Object.keys(rest).length === 0
    ? withoutTrace(left, above)
    : left;
}

const paths = new WeakMap<CompiledFlow, readonly { readonly path: string; readonly kept: boolean }[]>();

/** The paths that a flow's steps write, sections before what lies in them. */
export function pathsOf(flow: CompiledFlow) {
  const known = paths.get(flow);
  if (known !== undefined) return known;
  const found = new Map<string, boolean>();
  visitPlan(flow.plan, ({ node }) => {
    if (node.kind === "task") found.set(node.agent.writes, node.agent.keeps === true);
    if (node.kind === "transform") for (const path of Object.keys(node.set)) found.set(path, false);
    if ((node.kind === "wait" || node.kind === "human") && node.into !== undefined)
      found.set(node.into, false);
    if (node.kind === "parallel" && node.join.type === "best") found.set(node.join.into, false);
  });
  const sorted = [...found]
    .map(([path, kept]) => ({ path, kept }))
    .sort((a, b) => a.path.length - b.path.length);
  paths.set(flow, sorted);
  return sorted;
}
