import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Contract } from "../contract.ts";
import type { FlowDefinition } from "./plan.ts";

/**
 * The contracts that steps and fallbacks were built with, beside the plans: those are plain data that may be stored, and
 * a contract has code in its schemas. A symbol of the whole process, for an application that was loaded with modules of its own;
 * not enumerable, so that neither a copy nor JSON has it.
 */
const BUILT_WITH = Symbol.for("event-spine.contract");

/** Remembers the contract behind a node of a plan and gives the node back. */
export function rememberContract<Node extends object>(node: Node, agent: Contract | string): Node {
  return typeof agent === "string" ? node : Object.defineProperty(node, BUILT_WITH, { value: agent });
}

/** The schemas of what people answer, beside the questions. */
const ANSWERED_BY = Symbol.for("event-spine.answer");

/** Remembers the schema of what a person answers to a question and gives the question back. */
export function rememberAnswer<Node extends object>(node: Node, schema: StandardSchemaV1 | undefined): Node {
  return schema === undefined ? node : Object.defineProperty(node, ANSWERED_BY, { value: schema });
}

/** The schema of what a flow replies, beside the flow. */
const REPLIES_WITH = Symbol.for("event-spine.replies");

/** Remembers the schema of a flow's reply and gives the flow back. */
export function rememberReplies<Flow extends object>(flow: Flow, schema: StandardSchemaV1 | undefined): Flow {
  return schema === undefined ? flow : Object.defineProperty(flow, REPLIES_WITH, { value: schema });
}

/** The schema of a flow's reply, where it was defined with one. Flows read from JSON have none. */
export const repliesOf = (flow: FlowDefinition): StandardSchemaV1 | undefined =>
  (flow as { readonly [REPLIES_WITH]?: StandardSchemaV1 })[REPLIES_WITH];

/** The contracts that flows were built with, in the order of their steps. Flows read from JSON have none. */
export function contractsIn(flows: readonly FlowDefinition[]): readonly Contract[] {
  return partsOf(flows)
    .flatMap((part) => (part as { readonly [BUILT_WITH]?: Contract })[BUILT_WITH] ?? [])
    .filter(isFirst);
}

/** The schemas of answers by the text of their question. Flows read from JSON have none. */
export function answersIn(
  flows: readonly FlowDefinition[],
): ReadonlyMap<string, readonly StandardSchemaV1[]> {
  const found = new Map<string, readonly StandardSchemaV1[]>();
  for (const part of partsOf(flows)) {
    const schema = (part as { readonly [ANSWERED_BY]?: StandardSchemaV1 })[ANSWERED_BY];
    if (schema === undefined || !("ask" in part) || typeof part.ask !== "string") continue;
    found.set(part.ask, [...(found.get(part.ask) ?? []), schema].filter(isFirst));
  }
  return found;
}

const isFirst = <T>(one: T, at: number, all: readonly T[]): boolean => all.indexOf(one) === at;

/** What is not a flow is the linter's to report: anything is walked here, and nothing twice. */
function partsOf(flows: readonly FlowDefinition[]): readonly object[] {
  const values = new Set<unknown>(flows);
  for (const value of values) {
    if (typeof value !== "object" || value === null) continue;
    for (const inner of Object.values(value)) values.add(inner);
  }
  return [...values].filter((value) => typeof value === "object" && value !== null);
}
