import type { CompiledFlow } from "#core/flow/plan.ts";
import type { SessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { evolve } from "#core/session/evolve.ts";
import { replaceValues } from "#core/session/personal/commit-values.ts";
import { wordsFor } from "#core/session/personal/markers.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import { printable } from "../printable.ts";
import { SENTENCES, type Fact, type Setting } from "./sentences.ts";

/** An event of a session's log, with when it was committed. */
export interface TimedEvent {
  readonly event: RecordedEvent;
  readonly at: number;
  readonly key: SessionKey;
}

/**
 * Puts a session's events into words. It must be given them from the first on: a sentence names what came before. Nothing for those
 * that only say how the spine does it.
 */
export function createTeller(): (timed: TimedEvent) => Fact | undefined {
  const flows = new Map<string, CompiledFlow>();
  const agents = new Map<string, string>();
  const causes = new Map<string, string>();
  let state: SessionState | undefined;
  return ({ event, at, key }) => {
    if (event.type === "FlowStored" && event.data.flow !== undefined)
      flows.set(event.data.hash, event.data.flow);
    const before = state ?? initialState(key.tenant, key.session);
    const readable = withoutMarkers(event);
    noteAgent(readable, agents);
    const fact = sentenceOf(readable, { state: before, at, flows, agents, causes });
    noteCause(readable, causes);
    // What the end of a commit drops from the state is nothing that is told.
    state = evolve(before, event);
    return fact === undefined ? undefined : { ...fact, who: printable(fact.who), what: printable(fact.what) };
  };
}

function sentenceOf(event: RecordedEvent, setting: Setting): Fact | undefined {
  // The table ties each type to its data, which an index by a union cannot express.
  const sentence = SENTENCES[event.type] as (data: unknown, setting: Setting) => Fact | undefined;
  return sentence(event.data, setting);
}

/** Sentences are about texts: where one is sealed or erased, they say that it is. */
function withoutMarkers(event: RecordedEvent): RecordedEvent {
  // An event is plain data; the type only lacks the index signature. Its shape is that of what was stored.
  return replaceValues(event as unknown as Json, wordsFor) as unknown as RecordedEvent;
}

function noteAgent({ type, data }: RecordedEvent, agents: Map<string, string>): void {
  if (type === "TaskCreated" || type === "AttemptDispatched" || type === "AgentUnavailable")
    agents.set(data.task, data.agent);
}

function noteCause({ type, data }: RecordedEvent, causes: Map<string, string>): void {
  if (type === "AttemptFailed" || type === "AnswerUnusable")
    causes.set(data.task, `it failed: ${data.error.message}`);
  if (type === "AttemptTimedOut") causes.set(data.task, "it gave no answer in time");
  if (type === "AgentUnavailable") causes.set(data.task, "its circuit breaker is open");
  if (type === "EffectInDoubt") causes.set(data.task, "its effect is in doubt");
  if (type === "AnswerStale" || type === "ClaimRefused")
    causes.set(data.task, `${data.changed.join(", ")} changed after its view`);
  if (type === "HumanExpired" && data.task !== undefined) causes.set(data.task, "nobody answered in time");
}
