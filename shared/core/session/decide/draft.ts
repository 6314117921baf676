import { SpineError } from "../../errors.ts";
import type { HashedFlow } from "../../flow/plan.ts";
import type { NewEvent, RecordedEvent, SessionEvents, SessionEventType } from "../events.ts";
import { evolve } from "../evolve.ts";
import type { Lane } from "../input.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { TaskOrder } from "../task-messages.ts";
import type { Seen } from "../seen.ts";
import { SHEET_FORM } from "../sheet.ts";
import { FLOWS_APART_FORM } from "../stored-flows.ts";
import type { SessionState } from "../state.ts";

/** The flows that deciding may ask for. */
export interface FlowBook {
  byTrigger(type: string): readonly HashedFlow[];
  byHash(hash: string): HashedFlow | undefined;
}

/** A decision in the making: the state so far, and what has been decided on the way there. */
export interface Draft {
  state: SessionState;
  readonly events: RecordedEvent[];
  readonly orders: TaskOrder[];
  readonly triggers: Record<string, readonly string[]>;
  /** So many of the events were looked at for waits that opened. */
  offered: number;
  readonly seen: Seen;
  /** Session time: the writer's clock, never before the last commit. */
  readonly now: number;
  /** Characters of what its input caused so far. */
  size: number;
  /** It stops for its size: what is left is decided in a commit of its own. */
  stopped: boolean;
  readonly limits: Limits;
  readonly book: FlowBook;
  /** The host that can take the next task of its group. */
  hand: Hand | undefined;
}

/** The host of an agent that has just answered, which can go on with another task. */
export interface Hand {
  /** The attempt that it answered, `task/attempt`. */
  readonly by: string;
  readonly group: string;
  readonly lane: Lane;
  /** Within this time the task must end, ms. */
  readonly withinMs: number;
}

// Deciding terminates by the hop budget and the plans' bounds; more than this in one input is a bug.
const MAX_EVENTS = 20_000;

export function startDraft(state: SessionState, seen: Seen, book: FlowBook): Draft {
  return {
    state,
    events: [],
    orders: [],
    triggers: {},
    offered: 0,
    seen,
    now: Math.max(seen.now, state.time),
    size: 0,
    stopped: false,
    limits: { ...DEFAULT_LIMITS, ...seen.limits },
    book,
    hand: undefined,
  };
}

/** Decides a fact: it is recorded and the state goes on with it. */
export function emit<Type extends SessionEventType>(
  draft: Draft,
  type: Type,
  data: SessionEvents[Type],
): void {
  if (draft.events.length >= MAX_EVENTS)
    throw new SpineError("internal", `One input caused ${MAX_EVENTS} events.`);
  // Type and data belong together by the signature; a union cannot be built from a generic pair without saying so.
  const event = { type, data, sequence: draft.state.sequence + 1 } as NewEvent & {
    readonly sequence: number;
  };
  draft.state = evolve(draft.state, event);
  // The input's own event has its bound at the door that took it.
  if (draft.events.length > 0) draft.size += JSON.stringify(data).length + ENVELOPE;
  draft.events.push(event);
}

/** What stands around an event's data in its commit. */
const ENVELOPE = 50;

/** Whether something more may begin in this commit; else the draft stops, and goes on in the next one. */
export function hasRoom(draft: Draft): boolean {
  if (draft.size < draft.limits.commitBytes || (draft.seen.form ?? 1) < SHEET_FORM) return true;
  draft.stopped = true;
  return false;
}

/** A new id for something that the next event begins. */
export function nextId(draft: Draft): string {
  return `${draft.seen.id}-${draft.state.sequence + 1}`;
}

/** The sequence of the event that began what has this id; 0 where `nextId` did not make it. */
export const begunAt = (id: string): number => Number(/-(\d{1,15})$/.exec(id)?.[1] ?? 0);

export const flowOf = (draft: Draft, hash: string): HashedFlow["flow"] => loadedFlow(draft.book, hash);

export function loadedFlow(book: Pick<FlowBook, "byHash">, hash: string): HashedFlow["flow"] {
  const found = book.byHash(hash);
  if (found === undefined) throw new SpineError("internal", `Flow ${hash} was not loaded.`);
  return found.flow;
}

/** The flows that an event type may start: what the application says now, kept for whoever replays this decision. */
export function flowsFor(draft: Draft, type: string): readonly HashedFlow[] {
  const recorded = own(draft.seen.triggers, type) ?? own(draft.triggers, type);
  const flows = recorded?.map((hash) => ({ hash, flow: flowOf(draft, hash) })) ?? draft.book.byTrigger(type);
  if (flows.length > 0 && own(draft.triggers, type) === undefined)
    draft.triggers[type] = flows.map(({ hash }) => hash);
  return flows;
}

/** Producers choose these keys: `constructor` is one like any other. */
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Keeps flows with the log: a run goes on with the version it started with, and a replay finds those that did not match. */
export function storeFlows(draft: Draft, flows: readonly HashedFlow[]): void {
  const apart = (draft.seen.form ?? 1) >= FLOWS_APART_FORM;
  for (const { hash, flow } of flows) {
    if (draft.state.flows[hash] === undefined)
      emit(draft, "FlowStored", apart ? { hash, apart } : { hash, flow });
  }
}
