import { evaluate, isTrue, pathsOf } from "../condition.ts";
import { valueAt } from "../context/document.ts";
import { lastChangeOf } from "../context/versions.ts";
import { sectionOf } from "../flow/writes.ts";
import type { RunId, TaskId } from "../ids.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Commit, CommittedInput } from "./commit.ts";
import type { FlowBook } from "./decide/draft.ts";
import { eventsByInput } from "./envelope.ts";
import type { RecordedEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { lastChange, locate, scopeOf, triggerScope, type Place } from "./places.ts";
import type { Seen } from "./seen.ts";
import { isLive, type SessionState } from "./state.ts";

/** A value that a condition asked for. */
export interface AskedValue {
  readonly path: string;
  /** Absent: there was none. */
  readonly value?: Json;
  /** Sequence of the event that wrote it last; 0 if none did. */
  readonly writtenAt: number;
}

/** One of the ways that a decision could have taken. */
export interface Alternative {
  /** The branch of a choice (`when/0`, `otherwise`), the name of a flow, or the step that waits. */
  readonly name: string;
  /** Absent: it has none, and is taken when no other is. */
  readonly condition?: string;
  /** `not-asked`: another one held before it. */
  readonly outcome: "taken" | "held" | "did-not-hold" | "failed" | "not-asked";
  /** Why its condition could not be evaluated. */
  readonly error?: string;
}

/** A decision between alternatives, with all that it stood on. */
export interface ExplainedChoice {
  /** The event that records it. */
  readonly sequence: number;
  /** A branch of a flow, the flows that an event starts, or a step that takes an event. */
  readonly kind: "branch" | "trigger" | "wait";
  readonly run?: RunId;
  readonly step?: string;
  readonly alternatives: readonly Alternative[];
  readonly values: readonly AskedValue[];
}

/** What had changed under an agent that was at work. */
export interface ExplainedStaleness {
  readonly sequence: number;
  readonly task: TaskId;
  readonly attempt: number;
  readonly agent: string;
  /** The sequence that the agent's view showed. */
  readonly asOf: number;
  /** The paths that it read and that were written after that, by the last event that did so. */
  readonly changed: readonly { readonly path: string; readonly writtenAt: number }[];
}

/** Everything that one input led to, and why. Times are ms since the epoch. */
export interface ExplainedDecision {
  /** The input that was decided; its first event carries its body. */
  readonly input: CommittedInput;
  readonly events: readonly RecordedEvent[];
  /** What deciding saw besides the session's state and the input. */
  readonly seen: Seen;
  readonly choices: readonly ExplainedChoice[];
  readonly stale: readonly ExplainedStaleness[];
}

/** The event that wrote a value, and on whose behalf. */
export interface Writer {
  readonly type: string;
  /** An agent, a producer, or `deadline`. */
  readonly source: string;
  /** When it was committed, ms since the epoch. */
  readonly time: number;
}

/** The writers of the values that an answer names, by sequence: of the first 50. */
export type Writers = Readonly<Record<string, Writer>>;

/**
 * Explains the decision that event `sequence` is part of: what was asked, with which values and where they came from, which ways were
 * not taken, and what made an answer stale. A pure function of the log: the state before the commit, the commit, and the flows.
 * @returns `undefined` where the commit does not hold that event
 */
export function explainDecision(
  before: SessionState,
  commit: Commit,
  sequence: number,
  book: Pick<FlowBook, "byHash">,
): ExplainedDecision | undefined {
  const meant = eventsByInput(commit).find(({ events }) =>
    events.some((event) => event.sequence === sequence),
  );
  if (meant === undefined) return undefined;
  const { input, events } = meant;
  const choices: ExplainedChoice[] = [];
  const stale: ExplainedStaleness[] = [];
  let state = commit.events.filter((event) => event.sequence < input.first).reduce(evolve, before);
  for (const event of events) {
    const choice = choiceOf(state, event, book) ?? triggersOf(state, event, commit.seen, book);
    if (choice !== undefined) choices.push(choice);
    const staleness = stalenessOf(state, event, book);
    if (staleness !== undefined) stale.push(staleness);
    state = evolve(state, event);
  }
  return { input, events, seen: commit.seen, choices, stale };
}

/** A condition and the name of what it is for. */
interface Arm {
  readonly name: string;
  readonly condition?: string;
}

interface Asked {
  readonly scope: JsonObject;
  readonly writtenAt: (path: string) => number;
}

function choiceOf(
  state: SessionState,
  event: RecordedEvent,
  book: Pick<FlowBook, "byHash">,
): ExplainedChoice | undefined {
  const { type, data, sequence } = event;
  if (type !== "ChoiceMade" && type !== "WaitSatisfied") return undefined;
  const { run, step } = data;
  const place = locateIn(state, run, step, book);
  if (place === undefined) return undefined;
  const { node } = place;
  if (type === "ChoiceMade" && node.kind === "choice") {
    const arms = [...node.when.map((arm, index) => armOf(`when/${index}`, arm.if)), { name: "otherwise" }];
    const taken = arms.findIndex(({ name }) => name === data.branch);
    const asked = { scope: scopeOf(state, place), writtenAt: writerIn(state, place) };
    return { sequence, kind: "branch", run, step, ...inOrder(arms, taken, asked) };
  }
  if (type !== "WaitSatisfied" || node.kind !== "wait") return undefined;
  const body = bodyOf(state, data.by);
  const asked = { scope: scopeOf(state, place, body), writtenAt: writerIn(state, place, data.by) };
  const arm = armOf(step, node.if);
  const alternatives = [{ ...arm, outcome: "taken" as const }];
  return { sequence, kind: "wait", run, step, alternatives, values: valuesOf([arm], asked) };
}

const armOf = (name: string, condition: string | undefined): Arm => ({
  name,
  ...(condition !== undefined && { condition }),
});

/** What an event said, while the state still knows it. */
function bodyOf({ trigger, kept = [] }: SessionState, sequence: number): Json | undefined {
  if (trigger?.sequence === sequence) return trigger.data;
  return kept.find((one) => one.sequence === sequence)?.data;
}

/** Arms that are asked one after another, until one holds. */
function inOrder(
  arms: readonly Arm[],
  taken: number,
  asked: Asked,
): Pick<ExplainedChoice, "alternatives" | "values"> {
  const alternatives = arms.map((arm, index): Alternative => {
    if (index === taken) return { ...arm, outcome: "taken" };
    if (index > taken || arm.condition === undefined) return { ...arm, outcome: "not-asked" };
    return { ...arm, ...outcomeOf(arm.condition, asked.scope) };
  });
  return { alternatives, values: valuesOf(arms.slice(0, taken + 1), asked) };
}

function outcomeOf(condition: string, scope: JsonObject): Pick<Alternative, "outcome" | "error"> {
  const result = evaluate(condition, scope);
  if (!result.ok) return { outcome: "failed", error: result.error };
  return { outcome: isTrue(result) ? "held" : "did-not-hold" };
}

function valuesOf(arms: readonly Arm[], { scope, writtenAt }: Asked): readonly AskedValue[] {
  const paths = new Set(arms.flatMap(({ condition }) => (condition === undefined ? [] : pathsOf(condition))));
  return [...paths].sort().map((path) => {
    const value = valueAt(scope, path);
    return { path, ...(value !== undefined && { value }), writtenAt: writtenAt(path) };
  });
}

/** An event that may start flows: all flows with this trigger, of which several may be started. */
function triggersOf(
  state: SessionState,
  event: RecordedEvent,
  seen: Seen,
  book: Pick<FlowBook, "byHash">,
): ExplainedChoice | undefined {
  const met = triggerIn(event);
  if (met === undefined) return undefined;
  const hashes =
    seen.triggers !== undefined && Object.hasOwn(seen.triggers, met.type) ? seen.triggers[met.type] : [];
  const flows = (hashes ?? []).flatMap((hash) => book.byHash(hash)?.flow ?? []);
  if (flows.length === 0 || met.disposition === "awaited") return undefined;
  const scope = triggerScope(state, met.data);
  const arms = flows.map((flow) => armOf(flow.name, flow.if));
  const alternatives = arms.map((arm): Alternative => {
    const outcome =
      arm.condition === undefined ? { outcome: "held" as const } : outcomeOf(arm.condition, scope);
    const isTaken = outcome.outcome === "held" && met.disposition === "triggers";
    return { ...arm, ...outcome, ...(isTaken && { outcome: "taken" }) };
  });
  const writtenAt = (path: string): number =>
    sectionOf(path) === "event" ? event.sequence : lastChangeOf(state.versions, withoutConfidence(path));
  return {
    sequence: event.sequence,
    kind: "trigger",
    alternatives,
    values: valuesOf(arms, { scope, writtenAt }),
  };
}

interface Met {
  readonly type: string;
  readonly data: Json;
  readonly disposition: string | undefined;
}

function triggerIn({ type, data }: RecordedEvent): Met | undefined {
  if (type === "InputAccepted") {
    const { input, disposition } = data;
    return { type: input.type, data: input.data, disposition };
  }
  if (type !== "EventEmitted") return undefined;
  return { type: data.type, data: data.data, disposition: data.disposition };
}

function stalenessOf(
  state: SessionState,
  event: RecordedEvent,
  book: Pick<FlowBook, "byHash">,
): ExplainedStaleness | undefined {
  const { type, data, sequence } = event;
  const isStale =
    type === "AnswerStale" ||
    type === "ClaimRefused" ||
    (type === "AnswerApplied" && data.stale !== undefined);
  if (!isStale) return undefined;
  const task = state.tasks[data.task];
  if (task === undefined || !("asOf" in task.phase)) return undefined;
  const place = locateIn(state, task.run, task.step, book);
  const names = type === "AnswerApplied" ? (data.stale ?? []) : data.changed;
  const changed = names.map((path) => ({
    path,
    writtenAt: place === undefined ? 0 : lastChange(state, place, path),
  }));
  const { agent, phase } = task;
  return { sequence, task: task.id, attempt: data.attempt, agent, asOf: phase.asOf, changed };
}

function locateIn(
  state: SessionState,
  id: RunId,
  step: string,
  book: Pick<FlowBook, "byHash">,
): Place | undefined {
  const run = state.runs[id];
  if (run === undefined || !isLive(run)) return undefined;
  const flow = book.byHash(run.flow)?.flow;
  return flow === undefined ? undefined : locate(run, flow, step);
}

/** Who wrote what a step reads by a path: of its run's input, and of the event that it is offered, the event that brought it. */
const writerIn =
  (state: SessionState, place: Place, offered = 0) =>
  (path: string): number => {
    switch (sectionOf(path)) {
      case "input":
        return place.run.trigger;
      case "event":
        return offered;
      case "item":
        return 0;
      default:
        return lastChange(state, place, withoutConfidence(path));
    }
  };

/** How sure an agent was is written with its section. */
const withoutConfidence = (path: string): string =>
  path.startsWith("confidence.") ? path.slice("confidence.".length) : path;
