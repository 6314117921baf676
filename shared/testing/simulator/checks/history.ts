import type { ContractSpec } from "#core/contract.ts";
import type { CompiledFlow, CompiledNode } from "#core/flow/plan.ts";
import { childrenOf } from "#core/flow/walk.ts";
import type { JsonObject } from "#core/json.ts";
import type { Commit } from "#core/session/commit.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { closeCommit, evolve } from "#core/session/evolve.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import type { SessionRecord } from "../observations.ts";
import { keyOf } from "../world.ts";

/** One dispatch with what its log says about it. */
export interface Dispatch {
  readonly task: string;
  readonly attempt: number;
  readonly sequence: number;
  readonly asOf: number;
  readonly step: string;
  readonly run: string;
  readonly flow: CompiledFlow;
  readonly contract: ContractSpec;
}

/** A session's log, read from its beginning: every event with the context before and after it. */
export interface History {
  readonly record: SessionRecord;
  readonly stored: readonly StoredCommit[];
  readonly commits: readonly Commit[];
  readonly events: readonly RecordedEvent[];
  /** Right after each event, by sequence; 0 is the beginning. */
  readonly contexts: readonly JsonObject[];
  /** Right after each commit. */
  readonly states: readonly SessionState[];
  readonly final: SessionState;
  readonly dispatches: ReadonlyMap<string, Dispatch>;
  /** What started each run, by run. */
  readonly inputs: ReadonlyMap<string, { readonly data: unknown; readonly flow: CompiledFlow }>;
}

/** Reads a log. Throws where it cannot be folded. */
export function readHistory(record: SessionRecord, stored: readonly StoredCommit[]): History {
  const { tenant, session } = keyOf(record.key);
  const known = new Map(record.appended.map((entry) => [entry.stored, entry.commit]));
  // A commit that was not seen being appended is read as it stands.
  const commits = stored.map((one) => known.get(one) ?? (JSON.parse(one.text) as Commit));
  let state = initialState(tenant, session);
  const contexts: JsonObject[] = [state.context];
  const states: SessionState[] = [];
  const events: RecordedEvent[] = [];
  const dispatches = new Map<string, Dispatch>();
  const inputs = new Map<string, { readonly data: unknown; readonly flow: CompiledFlow }>();
  const flows = new Map<string, CompiledFlow>();
  for (const commit of commits) {
    for (const event of commit.events) {
      if (event.type === "FlowStored") flows.set(event.data.hash, event.data.flow);
      if (event.type === "AttemptDispatched") {
        const made = dispatchOf(state, event.data, event.sequence, flows);
        dispatches.set(`${made.task}/${made.attempt}`, made);
      }
      state = evolve(state, event);
      if (event.type === "RunStarted") {
        const run = state.runs[event.data.run];
        const flow = run === undefined ? undefined : flows.get(run.flow);
        if (run !== undefined && flow !== undefined) inputs.set(run.id, { data: run.input, flow });
      }
      contexts.push(state.context);
      events.push(event);
    }
    state = closeCommit(state, commit);
    states.push(state);
  }
  return { record, stored, commits, events, contexts, states, final: state, dispatches, inputs };
}

function dispatchOf(
  state: SessionState,
  {
    task,
    attempt,
    asOf,
    agent,
  }: { readonly task: string; readonly attempt: number; readonly asOf: number; readonly agent: string },
  sequence: number,
  flows: ReadonlyMap<string, CompiledFlow>,
): Dispatch {
  const { run, step, link } = state.tasks[task as keyof typeof state.tasks] ?? missing(`task ${task}`);
  const flow = flows.get(state.runs[run]?.flow ?? "") ?? missing(`the flow of run ${run}`);
  const node = nodeAt(flow.plan, step);
  if (node?.kind !== "task") return missing(`step ${step}`);
  const fallback = link < 0 ? undefined : node.fallback[link];
  const { agent: own, onStale = own.onStale } = node;
  const contract = fallback?.type === "agent" ? fallback.agent : { ...own, onStale };
  if (contract.name !== agent) return missing(`agent ${agent}`);
  return { task, attempt, sequence, asOf, step, run, flow, contract };
}

function missing(what: string): never {
  throw new Error(`The log does not hold ${what}.`);
}

/** A plan's node by the name of one of its steps; items of a map share theirs. */
export function nodeAt(plan: CompiledNode, step: string): CompiledNode | undefined {
  let node: CompiledNode | undefined = plan;
  for (const part of step
    .replaceAll(/\[\d+\]/g, "")
    .split("/")
    .slice(1)) {
    if (node === undefined) return undefined;
    // A choice's arms are two parts of a name.
    const children: readonly (readonly [string, CompiledNode])[] = childrenOf(node).flatMap(
      ([name, child]) => [[name, child] as const],
    );
    const direct = children.find(([name]) => name === part);
    if (direct !== undefined) node = direct[1];
    else if (part === "when") continue;
    else node = children.find(([name]) => name === `when/${part}`)?.[1];
  }
  return node;
}
