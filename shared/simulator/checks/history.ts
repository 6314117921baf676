import type { ContractSpec } from "#core/contract.ts";
import type { CompiledFlow, CompiledNode } from "#core/flow/plan.ts";
import { childrenOf } from "#core/flow/visit-plan.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { RunId, TaskId } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import type { RecordedEvent, SessionEvents } from "#core/session/events.ts";
import { closeCommit, evolve } from "#core/session/evolve.ts";
import { idempotencyKeyOf } from "#core/session/task-messages.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { attemptName, keyOf } from "../sim-names.ts";
import type { Words } from "../new-words.ts";
import type { SessionRecord } from "../observations.ts";

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
  /** It only asks whether an effect happened. */
  readonly settles: boolean;
  /** Its run has a sheet: it began under form 2. */
  readonly sheet: boolean;
  /** What a compensation is to undo. */
  readonly undo: JsonObject | undefined;
}

/** A session's log, read from its beginning: every event with the context before and after it. It grows with the log. */
export class History {
  readonly record: SessionRecord;
  readonly stored: StoredCommit[] = [];
  readonly commits: Commit[] = [];
  readonly events: RecordedEvent[] = [];
  /** Right after each event, by sequence; 0 is the beginning. */
  readonly contexts: JsonObject[];
  /** Right after each commit. */
  readonly states: SessionState[] = [];
  readonly dispatches = new Map<string, Dispatch>();
  /** What started each run, by run. */
  readonly inputs = new Map<string, { readonly data: unknown; readonly flow: CompiledFlow }>();
  /** The lists of maps, by run and step, and how their items are named where they are. */
  readonly maps = new Map<string, { readonly items: readonly Json[]; readonly keys?: readonly string[] }>();
  /** Flows that a commit named before they stood in the library. */
  readonly unstored: { readonly hash: string; readonly first: number }[] = [];
  final: SessionState;
  readonly #flows = new Map<string, CompiledFlow>();

  constructor(record: SessionRecord) {
    const { tenant, session } = keyOf(record.key);
    this.record = record;
    this.final = initialState(tenant, session);
    this.contexts = [this.final.context];
  }

  /** Folds one more commit. Throws where it cannot be folded. */
  add(stored: StoredCommit, commit: Commit): void {
    let state = this.final;
    for (const event of commit.events) {
      if (event.type === "FlowStored") this.#noteFlow(event.data, commit.first);
      if (event.type === "AttemptDispatched") {
        const made = dispatchOf(state, event.data, event.sequence, this.#flows);
        this.dispatches.set(attemptName(made), made);
      }
      state = evolve(state, event);
      if (event.type === "SessionForked") this.#noteCarried(state);
      if (event.type === "MapStarted") this.maps.set(`${event.data.run} ${event.data.step}`, event.data);
      if (event.type === "RunStarted") this.#noteRun(state, event.data.run);
      this.contexts.push(state.context);
      this.events.push(event);
    }
    this.final = closeCommit(state, commit);
    this.states.push(this.final);
    this.stored.push(stored);
    this.commits.push(commit);
  }

  /** What a fork begins with: runs that are under way, with their flows and the lists of their maps. */
  #noteCarried({ runs }: SessionState): void {
    for (const run of Object.values(runs)) {
      const flow = this.record.flowOf(run.flow)?.flow;
      if (flow === undefined) this.unstored.push({ hash: run.flow, first: 1 });
      else this.#flows.set(run.flow, flow);
      if (flow !== undefined && run.status !== "queued") this.inputs.set(run.id, { data: run.input, flow });
      for (const [step, at] of run.status === "queued" ? [] : Object.entries(run.steps))
        if (at.status === "open" && at.kind === "map") this.maps.set(`${run.id} ${step}`, at);
    }
  }

  #noteFlow(
    { hash, flow = this.record.flowOf(hash)?.flow }: SessionEvents["FlowStored"],
    first: number,
  ): void {
    if (flow === undefined) this.unstored.push({ hash, first });
    else this.#flows.set(hash, flow);
  }

  #noteRun(state: SessionState, id: RunId): void {
    const run = state.runs[id];
    const flow = run === undefined ? undefined : this.#flows.get(run.flow);
    if (run !== undefined && flow !== undefined) this.inputs.set(id, { data: run.input, flow });
  }
}

/** Reads a log: mostly what was followed while it was written. Throws where it cannot be folded. */
export function readHistory(record: SessionRecord, stored: readonly StoredCommit[], words: Words): History {
  const followed = record.history;
  if (
    followed.stored.length === stored.length &&
    stored.every((one, place) => one === followed.stored[place])
  )
    return followed;
  const history = new History(record);
  for (const one of stored) history.add(one, parseCommit(keyOf(record.key), words.read(one)));
  return history;
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
  const { run, step, link, asking, undoes } =
    state.tasks[task as keyof typeof state.tasks] ?? missing(`task ${task}`);
  const flow = flows.get(state.runs[run]?.flow ?? "") ?? missing(`the flow of run ${run}`);
  const node = nodeAt(flow.plan, step);
  if (node?.kind !== "task") return missing(`step ${step}`);
  const fallback = link < 0 ? undefined : node.fallback[link];
  const { agent: own, onStale = own.onStale } = node;
  const contract = fallback?.type === "agent" ? fallback.agent : { ...own, onStale };
  if (contract.name !== agent) return missing(`agent ${agent}`);
  const settles = asking !== undefined;
  return {
    task,
    attempt,
    sequence,
    asOf,
    step,
    run,
    flow,
    contract,
    settles,
    sheet: "sheet" in (state.runs[run] ?? {}),
    undo: undoOf(state, run, undoes),
  };
}

function undoOf(state: SessionState, run: RunId, undoes: TaskId | undefined): JsonObject | undefined {
  const live = state.runs[run];
  const effects = live !== undefined && "effects" in live ? live.effects : undefined;
  const effect = effects?.find(({ task }) => task === undoes);
  if (undoes === undefined || effect === undefined) return undefined;
  const { agent, result, inDoubt = false } = effect;
  return { agent, key: idempotencyKeyOf({ ...state, task: undoes }), result, inDoubt };
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
