import type { PlanNode } from "./plan.ts";

/** A node with its place in the plan, such as `plan/1/book`. */
export interface Visit<Ref> {
  readonly node: PlanNode<Ref>;
  readonly place: string;
  /** `item` has a value here. */
  readonly inMap: boolean;
  /** A condition of a choice decides whether the node runs. */
  readonly inChoice: boolean;
  /** A join around it goes on without this branch, as long as enough others succeed. */
  readonly dispensable: boolean;
  /** It undoes the step that it stands in; it runs when the plan does not go on. */
  readonly undoes: boolean;
}

/** The part of a place that names the step that undoes another one. */
export const COMPENSATE = "compensate";

/** The steps directly inside a node, each with the last part of its place. */
export function childrenOf<Ref>(
  node: PlanNode<Ref>,
): readonly (readonly [part: string, child: PlanNode<Ref>])[] {
  switch (node.kind) {
    case "sequence":
      return node.steps.map((child, i) => [String(i), child]);
    case "parallel":
      return node.order === undefined
        ? Object.entries(node.branches)
        : node.order.flatMap((name) => {
            const branch = node.branches[name];
            return branch === undefined ? [] : [[name, branch] as const];
          });
    case "choice":
      return [...node.when.map((arm, i) => [`when/${i}`, arm.then] as const), ["otherwise", node.otherwise]];
    case "map":
      return [["each", node.each]];
    case "flow":
      return node.plan === undefined ? [] : [["plan", node.plan]];
    case "task":
      return node.compensate === undefined ? [] : [[COMPENSATE, node.compensate]];
    case "wait":
    case "human":
    case "transform":
    case "emit":
    case "reply":
      return [];
  }
}

/** Calls `visit` for every node, parents first, in the order in which the plan is written. */
export function visitPlan<Ref>(
  plan: PlanNode<Ref>,
  visit: (visit: Visit<Ref>) => void,
  start: Partial<Omit<Visit<Ref>, "node">> = {},
): void {
  const descend = (at: Visit<Ref>): void => {
    visit(at);
    for (const [part, node] of childrenOf(at.node)) {
      descend({
        node,
        place: `${at.place}/${part}`,
        inMap: at.inMap || at.node.kind === "map",
        inChoice: at.inChoice || at.node.kind === "choice",
        dispensable: at.dispensable || toleratesFailure(at.node),
        undoes: at.node.kind === "task",
      });
    }
  };
  descend({
    node: plan,
    place: "plan",
    inMap: false,
    inChoice: false,
    dispensable: false,
    undoes: false,
    ...start,
  });
}

function toleratesFailure<Ref>(node: PlanNode<Ref>): boolean {
  if (node.kind !== "parallel" || node.join.type === "all") return false;
  return node.join.type !== "quorum" || node.join.n < Object.keys(node.branches).length;
}
