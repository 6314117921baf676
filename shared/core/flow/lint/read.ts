import { guardsOf, pathsOf } from "../../condition.ts";
import type { ContractSpec } from "../../contract.ts";
import type { TaskNode } from "../plan.ts";
import { sectionOf } from "../writes.ts";
import { expressionsOf } from "./expressions.ts";

/** A path that a step reads. */
export interface Read {
  readonly path: string;
  readonly place: string;
  readonly event: boolean;
  /** The reader minds where it has no value. */
  readonly guarded: boolean;
}

/** What an expression reads. One that does not parse reads nothing, and has a finding of its own. */
export function readsOf(place: string, text: string, event: boolean): readonly Read[] {
  const guards = guardsOf(text).map(sectionOf);
  return pathsOf(text).map((path) => ({ path, place, event, guarded: guards.includes(sectionOf(path)) }));
}

/** What a step's expressions read. */
export function conditionReads(node: Parameters<typeof expressionsOf>[0], place: string): readonly Read[] {
  return expressionsOf(node).flatMap(({ part, text, event }) => readsOf(`${place}/${part}`, text, event));
}

/** What a step's agents are handed; where a path has no value, their schemas decide. */
export function contractReads<Ref>(
  node: TaskNode<Ref>,
  place: string,
  contractOf: (agent: Ref) => ContractSpec | undefined,
): readonly Read[] {
  const of = (agent: Ref, at: string): readonly Read[] =>
    (contractOf(agent)?.reads ?? []).map((path) => ({ path, place: at, event: false, guarded: true }));
  const links = node.fallback.flatMap((link, i) =>
    link.type === "agent" ? of(link.agent, `${place}/fallback/${i}`) : [],
  );
  return [...of(node.agent, place), ...links];
}
