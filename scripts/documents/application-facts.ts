import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Contract } from "#core/contract.ts";
import { contractsOf, type ApplicationDefinition } from "#core/flow/application.ts";
import { awaitedTypes } from "#core/flow/awaited.ts";
import { answersIn, repliesOf } from "#core/flow/built-contracts.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";

/** An event that an application takes. */
export interface EventFact {
  readonly type: string;
  readonly schema: StandardSchemaV1 | undefined;
  /** The flows that it starts, each with the schema of its reply where that is known. */
  readonly flows: readonly { readonly name: string; readonly replies: StandardSchemaV1 | undefined }[];
  /** Flows that wait for it. */
  readonly awaitedBy: readonly string[];
}

/** A question that a flow asks people. */
export interface QuestionFact {
  readonly wording: string;
  readonly schema: StandardSchemaV1 | undefined;
}

/** What documents say of an application. */
export interface ApplicationFacts {
  readonly events: readonly EventFact[];
  readonly questions: readonly QuestionFact[];
  readonly agents: readonly Contract[];
}

export function applicationFacts(definition: ApplicationDefinition): ApplicationFacts {
  const { flows, events = {} } = definition;
  const agents = contractsOf(definition);
  const awaited = new Map(flows.map((flow) => [flow.name, awaitedTypes(flow.plan)]));
  const types = new Set([
    ...flows.flatMap(({ on }) => on ?? []),
    ...[...awaited.values()].flatMap((some) => [...some]),
    ...Object.keys(events),
  ]);
  return {
    events: [...types].toSorted().map((type) => ({
      type,
      schema: Object.hasOwn(events, type) ? events[type] : undefined,
      flows: flows
        .filter(({ on }) => on === type)
        .map((flow) => ({ name: flow.name, replies: repliesOf(flow) ?? lastResult(flow.plan, agents) })),
      awaitedBy: flows.filter(({ name }) => awaited.get(name)?.has(type) === true).map(({ name }) => name),
    })),
    questions: questionsIn(flows),
    agents,
  };
}

/** The result of the last task, where the plan is nothing but tasks and nothing stands in for it: what `TaskReply` knows. */
function lastResult(plan: PlanNode, agents: readonly Contract[]): StandardSchemaV1 | undefined {
  const steps = plan.kind === "sequence" ? plan.steps : [plan];
  const last = steps.at(-1);
  if (last?.kind !== "task" || last.fallback.length > 0) return undefined;
  if (!steps.every(({ kind }) => kind === "task")) return undefined;
  return agents.find(({ spec }) => spec.name === last.agent)?.output;
}

function questionsIn(flows: readonly FlowDefinition[]): readonly QuestionFact[] {
  const wordings = new Set<string>();
  for (const { plan } of flows)
    visitPlan(plan, ({ node }) => {
      if (node.kind === "human") wordings.add(node.ask);
      if (node.kind !== "task") return;
      for (const link of node.fallback) if (link.type === "human") wordings.add(link.ask);
    });
  const schemas = answersIn(flows);
  return [...wordings].map((wording) => ({ wording, schema: schemas.get(wording)?.[0] }));
}
