import { evaluate, isTrue } from "../condition.ts";
import { messageOf } from "../errors.ts";
import type { CompiledFlow, HashedFlow } from "../flow/plan.ts";
import { sameJson, type Json, type JsonObject } from "../json.ts";
import { currentOrders, decide } from "./decide.ts";
import type { FlowBook } from "./decide/draft.ts";
import type { Commit } from "./commit.ts";
import { eventsByInput } from "./envelope.ts";
import type { RecordedEvent } from "./events.ts";
import { evolve, foldCommit } from "./evolve.ts";
import type { EventInput } from "./input.ts";
import { triggerScope } from "./places.ts";
import { inputOf } from "./replay.ts";
import type { Seen } from "./seen.ts";
import { initialState, type SessionState } from "./state.ts";
import { flowsWithin } from "./stored-flows.ts";
import type { TaskOrder } from "./task-messages.ts";

/** A decision of a recorded session that would be another one now. */
export interface DecisionDifference {
  /** The event at which the two part; the input's first where it cannot be decided at all. */
  readonly sequence: number;
  /** One sentence: what was recorded, and what is decided instead. */
  readonly problem: string;
}

/** What decides now. Flows take the place of recorded ones by their names. */
export interface DecidingFlows {
  readonly flows: readonly HashedFlow[];
}

/**
 * Decides each input of a recorded session again, from commits with the flows that they name, on the state that was recorded: with the code of today and, where flows are given,
 * with these in place of the recorded ones of the same names. A decision that differs does not make the ones after it differ.
 *
 * What changes with every edit of a flow and decides nothing is not compared: the hashes and texts of flows, and how long a run may take.
 */
export function decideAgain(
  commits: readonly Commit[],
  given?: DecidingFlows,
): readonly DecisionDifference[] {
  const [start] = commits;
  if (start === undefined) return [];
  const recorded = new Map<string, HashedFlow>();
  const differences: DecisionDifference[] = [];
  let state = initialState(start.tenant, start.session);
  for (const commit of commits) {
    for (const flow of flowsWithin(commit)) recorded.set(flow.hash, flow);
    differences.push(...decideCommit(state, commit, decidingOn(recorded, commit, given)));
    state = foldCommit(state, commit);
  }
  return differences;
}

interface Deciding {
  readonly book: FlowBook;
  readonly seen: Seen;
  /** Flows that the session never met. */
  readonly added: readonly CompiledFlow[];
}

/** The flows that decide on a commit, by the hashes that the log names. */
function decidingOn(
  recorded: ReadonlyMap<string, HashedFlow>,
  { seen }: Commit,
  given: DecidingFlows | undefined,
): Deciding {
  const current = new Map(given?.flows.map(({ flow }) => [flow.name, flow]));
  const byHash = (hash: string): HashedFlow | undefined => {
    const found = recorded.get(hash);
    return found && { hash, flow: current.get(found.flow.name) ?? found.flow };
  };
  const met = new Set([...recorded.values()].map(({ flow }) => flow.name));
  const added = [...current.values()].filter(({ name }) => !met.has(name));
  return { book: { byTrigger: () => [], byHash }, seen, added };
}

function decideCommit(
  before: SessionState,
  commit: Commit,
  deciding: Deciding,
): readonly DecisionDifference[] {
  const differences: DecisionDifference[] = [];
  const orders: TaskOrder[] = [];
  let state = before;
  for (const { input: cause, events: recorded } of eventsByInput(commit)) {
    const [first] = recorded;
    const input = first && inputOf(first, cause);
    if (first !== undefined && input !== undefined) {
      const found = differenceOf(state, recorded, deciding, () => {
        const decision = decide(state, input, deciding.seen, deciding.book);
        orders.push(...decision.orders);
        return decision.events;
      });
      if (found !== undefined) differences.push({ sequence: first.sequence, ...found });
    }
    state = recorded.reduce(evolve, state);
  }
  // Where the facts differ, what is sent differs with them.
  return differences.length > 0 ? differences : viewDifferences(commit, currentOrders(state, orders));
}

type Found = Partial<DecisionDifference> & Pick<DecisionDifference, "problem">;

function differenceOf(
  state: SessionState,
  recorded: readonly RecordedEvent[],
  { added }: Deciding,
  again: () => readonly RecordedEvent[],
): Found | undefined {
  const [first] = recorded;
  const more = first?.type === "InputAccepted" ? startedBy(state, first.data.input, added) : undefined;
  if (more !== undefined) return { problem: `It starts the flow "${more}" too.` };
  try {
    return firstDifference(recorded, again());
  } catch (error) {
    return { problem: `It cannot be decided: ${messageOf(error)}` };
  }
}

/** A flow that an event starts now and that the session never met. */
function startedBy(state: SessionState, { type, data }: EventInput, added: readonly CompiledFlow[]) {
  const scope = triggerScope(state, data);
  return added.find((flow) => flow.on === type && (flow.if === undefined || isTrue(evaluate(flow.if, scope))))
    ?.name;
}

/** Fields that follow from every edit of a flow, and by which nothing is decided. */
const PASSED_OVER: Partial<Record<RecordedEvent["type"], readonly string[]>> = {
  FlowStored: ["flow"],
  RunStarted: ["dueAt", "sheet"],
  DeadlineArmed: ["at"],
};

function firstDifference(
  recorded: readonly RecordedEvent[],
  decided: readonly RecordedEvent[],
): Found | undefined {
  for (const [index, event] of recorded.entries()) {
    const again = decided[index];
    const { sequence, type } = event;
    if (again === undefined)
      return { sequence, problem: `${type} was recorded, and nothing more is decided.` };
    if (again.type !== type)
      return { sequence, problem: `${type} was recorded, and ${again.type} is decided.` };
    const [old, now] = [fieldsOf(event), fieldsOf(again)];
    const field = [...new Set([...Object.keys(old), ...Object.keys(now)])].find(
      (name) => !sameField(old[name], now[name]),
    );
    if (field !== undefined)
      return { sequence, problem: `${type}: ${field} was ${short(old[field])} and is ${short(now[field])}.` };
  }
  const more = decided[recorded.length];
  return more && { problem: `${more.type} is decided after everything that was recorded.` };
}

/** What is stored of an event: fields without a value are not. */
function fieldsOf({ type, data }: RecordedEvent): JsonObject {
  const stored = JSON.parse(JSON.stringify(data)) as JsonObject;
  const passed = PASSED_OVER[type] ?? [];
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !passed.includes(name)));
}

const sameField = (old: Json | undefined, now: Json | undefined): boolean =>
  old === now || (old !== undefined && now !== undefined && sameJson(old, now));

const MAX_SHOWN = 80;

function short(value: Json | undefined): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** Agents that would be sent something else. A large view is not in its commit. */
function viewDifferences(commit: Commit, orders: readonly TaskOrder[]): readonly DecisionDifference[] {
  return commit.directives.flatMap((directive) => {
    if (directive.type !== "dispatch" || directive.order.linked) return [];
    const { task, attempt, agent, view } = directive.order;
    const again = orders.find((order) => order.task === task && order.attempt === attempt);
    if (again === undefined || sameField(view as JsonObject, again.view as JsonObject)) return [];
    const event = commit.events.find(
      ({ type, data }) => type === "AttemptDispatched" && data.task === task && data.attempt === attempt,
    );
    const [old, now] = [view, again.view].map((one) => Object.keys(one).sort().join(", "));
    const problem = `Attempt ${attempt} of ${agent} is sent another view: of ${now} instead of ${old}.`;
    return [{ sequence: event?.sequence ?? commit.first, problem }];
  });
}
