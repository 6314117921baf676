import type { JsonObject } from "../../json.ts";
import { isoTime } from "../iso-time.ts";
import type { LiveRecord } from "../live/live-record.ts";
import { shownContext } from "./shown-context.ts";
import { shownSteps, type ShownStep } from "./shown-steps.ts";
import type { OpenQuestion } from "./open-questions.ts";
import type { Ending, Said, Shown, Told } from "./told.ts";
import type { SessionState } from "../state.ts";

/** The version of the protocol that is spoken. */
export const AG_UI_VERSION = "1.0";

/** An event of AG-UI: `type` and its fields. */
export type AgUiEvent = JsonObject;

/**
 * What is told, as events of AG-UI 1.0. A session is a thread; each stream is one run of it, named as the run of the session that it is
 * about. The state is `{ context, sheets }`. A message that a stream leaves unfinished is dropped by its reader: the next stream begins
 * it anew.
 */
export function toAgUi(told: readonly Told[]): readonly AgUiEvent[] {
  return told.flatMap(eventsOf);
}

function eventsOf(told: Told): readonly AgUiEvent[] {
  switch (told.type) {
    case "opened":
      return begun(told.shown, told.state);
    case "step-opened":
      return told.again ? [custom("step-changed", stepValue(told.at))] : [stepStarted(told.at)];
    case "step-ended":
      return [stepFinished(told.at, told.ending)];
    case "context-changed":
      return [{ type: "STATE_DELTA", delta: told.patch.map((operation) => ({ ...operation })) }];
    case "question-opened":
      return [custom("question", questionValue(told.question))];
    case "question-closed":
      return [custom("question-closed", { ask: told.ask })];
    case "text-finished":
      return finished(told);
    case "replied":
      return replied(told);
    case "run-began":
      return [custom("run-began", { run: told.run })];
    case "run-ended":
      return [custom("run-ended", { run: told.run, how: told.how })];
    case "closed":
      return [...closing(told.state), ...ended(told.shown, told.state, told.ending)];
    case "text-said":
      return [
        ...(told.begins ? [taskTextStart(liveId(told.said), told.said)] : []),
        content(liveId(told.said), told.delta),
      ];
    case "text-dropped":
      return dropped(told.said);
    case "progressed":
      return [custom("progress", progressValue(told.record))];
  }
}

function begun(shown: Shown, state: SessionState): readonly AgUiEvent[] {
  return [
    {
      type: "RUN_STARTED",
      threadId: state.session,
      runId: shown.id,
      protocolVersion: AG_UI_VERSION,
      ...(shown.flow !== undefined && { metadata: { flow: shown.flow } }),
    },
    snapshot(state),
    ...[...shownSteps(state).values()].map(stepStarted),
  ];
}

const snapshot = ({ context }: SessionState): AgUiEvent => ({
  type: "STATE_SNAPSHOT",
  snapshot: shownContext(context),
});

const custom = (name: string, value: JsonObject): AgUiEvent => ({ type: "CUSTOM", name, value });

/** Steps of all runs are told apart by their names. */
const stepName = ({ run, step }: ShownStep): string => `${run}/${step}`;
const stepValue = ({ run, step, kind, agent }: ShownStep): JsonObject => ({
  run,
  step,
  kind,
  ...(agent !== undefined && { agent }),
});
const stepStarted = (at: ShownStep): AgUiEvent => ({
  type: "STEP_STARTED",
  stepName: stepName(at),
  metadata: stepValue(at),
});
const stepFinished = (at: ShownStep, ending: string): AgUiEvent => ({
  type: "STEP_FINISHED",
  stepName: stepName(at),
  metadata: { ending },
});

const questionValue = ({ ask, run, step, question, dueAt }: OpenQuestion): JsonObject => ({
  ask,
  run,
  step,
  ...(question !== undefined && { question }),
  ...(dueAt !== undefined && { dueAt }),
});

const progressValue = ({ text: _, ...record }: LiveRecord): JsonObject => ({ ...record });

const liveId = ({ task, attempt }: Pick<Said, "task" | "attempt">): string => `${task}/${attempt}`;
/** `of` is the same for all messages of an attempt: a reader keeps the one that was finished last. */
const taskTextStart = (messageId: string, { task, attempt, agent }: Omit<Said, "text">): AgUiEvent => ({
  type: "TEXT_MESSAGE_START",
  messageId,
  role: "assistant",
  name: agent,
  metadata: { of: liveId({ task, attempt }) },
});
const content = (messageId: string, delta: string): AgUiEvent => ({
  type: "TEXT_MESSAGE_CONTENT",
  messageId,
  delta,
});
const textEnd = (messageId: string): AgUiEvent => ({ type: "TEXT_MESSAGE_END", messageId });

/** The protocol takes no message back: who knows this event does, and has it even where the stream is cut before the message's end. */
const dropped = (said: Said): readonly AgUiEvent[] => [
  custom("message-dropped", { messageId: liveId(said) }),
  textEnd(liveId(said)),
];

function finished(told: Extract<Told, { type: "text-finished" }>): readonly AgUiEvent[] {
  const { text, said } = told;
  const id = liveId(told);
  if (said === undefined) return [taskTextStart(id, told), content(id, text), textEnd(id)];
  if (text.startsWith(said)) {
    const rest = text.slice(said.length);
    return [...(rest === "" ? [] : [content(id, rest)]), textEnd(id)];
  }
  const whole = `${id}/whole`;
  return [
    ...dropped({ ...told, text: said }),
    taskTextStart(whole, told),
    content(whole, text),
    textEnd(whole),
  ];
}

function replied(told: Extract<Told, { type: "replied" }>): readonly AgUiEvent[] {
  const { sequence, to, body, text, failed } = told;
  const id = `reply-${sequence}`;
  return [
    ...(text === undefined
      ? []
      : [{ type: "TEXT_MESSAGE_START", messageId: id, role: "assistant" }, content(id, text), textEnd(id)]),
    custom("reply", { to, body, ...(failed && { failed }) }),
  ];
}

/** A run ends without open steps; those that go on are begun again by the next stream. */
const closing = (state: SessionState): readonly AgUiEvent[] =>
  [...shownSteps(state).values()].map((at) => stepFinished(at, "goes-on"));

function ended(shown: Shown, state: SessionState, ending: Ending): readonly AgUiEvent[] {
  const run = { type: "RUN_FINISHED", threadId: state.session, runId: shown.id };
  switch (ending.how) {
    case "completed":
      return [{ ...run, outcome: { type: "success" } }];
    case "cancelled":
      return [{ ...run, outcome: { type: "cancelled" } }];
    case "failed":
      return [{ type: "RUN_ERROR", message: ending.error.message, code: ending.error.code }];
    case "goes-on":
      return [{ ...run, metadata: { goesOn: true } }];
    case "asked":
      return [
        snapshot(state),
        { ...run, outcome: { type: "interrupt", interrupts: ending.questions.map(interruptOf) } },
      ];
  }
}

function interruptOf({ ask, run, step, question, dueAt }: OpenQuestion): JsonObject {
  return {
    id: ask,
    reason: "input_required",
    ...(question !== undefined && { message: question }),
    ...(dueAt !== undefined && { expiresAt: isoTime(dueAt) }),
    metadata: { run, step },
  };
}
