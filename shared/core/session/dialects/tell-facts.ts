import { valueAt } from "../../context/document.ts";
import { sameJson, type Json } from "../../json.ts";
import type { RunId } from "../../ids.ts";
import type { FlowBook } from "../decide/draft.ts";
import type { RecordedEvent } from "../events.ts";
import { isSheet, sheetPath } from "../sheet.ts";
import { isLive, type SessionState } from "../state.ts";
import { openQuestions } from "./open-questions.ts";
import { shownPatch } from "./shown-context.ts";
import { endingOf, shownSteps, type ShownStep } from "./shown-steps.ts";
import { textOf } from "./text-of.ts";
import type { Said, Told } from "./told.ts";

/** An event between the states before and after it. */
export interface Happening {
  readonly before: SessionState;
  readonly event: RecordedEvent;
  readonly after: SessionState;
  /** Words of questions are looked up in it. */
  readonly book: Pick<FlowBook, "byHash">;
}

/** What an event changes, in the order in which a reader should see it. `said` is what a task's agent was heard to say. */
export function tellFacts(
  { before, event, after, book }: Happening,
  said: (task: string, attempt: number) => Said | undefined,
): readonly Told[] {
  const open = stepsTold(before, event, after);
  return [
    ...open.filter(({ type }) => type === "step-opened"),
    ...contextTold(before, after),
    ...textsTold(before, event, said),
    ...questionsTold(before, after, book),
    ...repliesTold(before, event),
    ...open.filter(({ type }) => type === "step-ended"),
  ];
}

function stepsTold(before: SessionState, event: RecordedEvent, after: SessionState): readonly Told[] {
  if (before.runs === after.runs && before.tasks === after.tasks) return [];
  const [were, are] = [shownSteps(before), shownSteps(after)];
  return [
    ...[...are].flatMap(([key, at]) => openedAs(were.get(key), at)),
    ...[...were].flatMap(([key, at]): readonly Told[] =>
      are.has(key) ? [] : [{ type: "step-ended", at, ending: endingOf(at, event, after) }],
    ),
  ];
}

/** A step that another agent works on now is told again. */
function openedAs(known: ShownStep | undefined, at: ShownStep): readonly Told[] {
  if (known === undefined) return [{ type: "step-opened", at }];
  return known.agent === at.agent ? [] : [{ type: "step-opened", at, again: true }];
}

function contextTold(before: SessionState, after: SessionState): readonly Told[] {
  if (before.context === after.context) return [];
  const patch = shownPatch(before.context, after.context);
  return patch.length === 0 ? [] : [{ type: "context-changed", patch }];
}

function textsTold(
  before: SessionState,
  event: RecordedEvent,
  saidOf: (task: string, attempt: number) => Said | undefined,
): readonly Told[] {
  const outcome = outcomeOf(event);
  const text = outcome && textOf(outcome.value);
  const known = outcome && before.tasks[outcome.task];
  if (text === undefined || known === undefined || !isHeard(before, known.run)) return [];
  const { id: task, attempt, agent } = known;
  const said = saidOf(task, attempt)?.text;
  return [{ type: "text-finished", task, attempt, agent, text, ...(said !== undefined && { said }) }];
}

function outcomeOf(event: RecordedEvent) {
  if (event.type === "AnswerApplied") return { task: event.data.task, value: event.data.result };
  return event.type === "ValueFilled" ? { task: event.data.task, value: event.data.value } : undefined;
}

/** Whether what the agents of a run say is shown. */
export function isHeard({ runs }: SessionState, run: RunId): boolean {
  return runs[run]?.live === true;
}

function questionsTold(
  before: SessionState,
  after: SessionState,
  book: Pick<FlowBook, "byHash">,
): readonly Told[] {
  if (before.runs === after.runs && before.tasks === after.tasks) return [];
  const [were, are] = [openQuestions(before, book), openQuestions(after, book)];
  return [
    ...[...were.keys()].flatMap((ask): readonly Told[] =>
      are.has(ask) ? [] : [{ type: "question-closed", ask }],
    ),
    ...[...are].flatMap(([ask, question]): readonly Told[] =>
      were.has(ask) ? [] : [{ type: "question-opened", question }],
    ),
  ];
}

function repliesTold(before: SessionState, event: RecordedEvent): readonly Told[] {
  if (event.type !== "ReplySent") return [];
  const { run, to, body, failed } = event.data;
  const text = textOf(body);
  const isNew = text !== undefined && !(run !== undefined && wasTold(before, run, body));
  return [
    {
      type: "replied",
      sequence: event.sequence,
      to,
      body,
      ...(isNew && { text }),
      ...(failed && { failed }),
    },
  ];
}

/** Whether a run's reply is the outcome of one of its tasks, whose text has been told. */
function wasTold(state: SessionState, id: RunId, body: Json): boolean {
  const run = state.runs[id];
  if (run === undefined || !isLive(run) || run.lastSlot === undefined || !isHeard(state, id)) return false;
  return Object.entries(state.findings).some(
    ([slot, { by }]) =>
      isSheet(slot) &&
      slot.startsWith(`${sheetPath(id)}.`) &&
      by !== "human" &&
      sameJson(valueAt(state.context, slot), body),
  );
}
