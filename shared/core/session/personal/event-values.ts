import type { SessionEvents, SessionEventType } from "../events.ts";
import type { AgentOutcome, EventInput } from "../input.ts";
import type { Json, JsonObject } from "../../json.ts";
import { ITEM, mapValues, REPLY, type PersonalValues } from "./personal-values.ts";

type Places = {
  readonly [Type in SessionEventType]: (
    data: SessionEvents[Type],
    personal: PersonalValues,
  ) => SessionEvents[Type];
};

/** It keeps no value of a context. */
const none = <Data>(data: Data): Data => data;

/** Where the values of a context stand in each type of event. A new type does not compile until it is listed here. */
export const VALUES_IN: Places = {
  InputAccepted: (data, personal) => ({ ...data, input: inputValues(data.input, personal) }),
  InputHeld: (data, personal) => ({ ...data, input: inputValues(data.input, personal) }),
  InputReleased: none,
  OrdinalGapRecorded: none,
  InputQuarantined: (data, { whole }) => ({ ...data, input: whole(data.input) }),
  CommandGiven: none,
  DeadLetterRecorded: none,
  DeadlinePassed: none,
  EventKept: none,
  KeptEventPassed: none,
  KeptEventTaken: none,
  KeptEventDropped: none,
  DecisionStopped: none,
  DecisionResumed: none,
  FlowStored: none,
  RunQueued: none,
  RunStarted: none,
  RunSuspended: none,
  RunResumed: none,
  RunCompleted: none,
  RunFailed: none,
  RunCancelled: none,
  CompensationStarted: none,
  KeptSectionChanged: none,
  RunRejected: none,
  ReplySent: (data, { result }) => ({ ...data, body: result(data.body, REPLY) }),
  BudgetExhausted: none,
  SessionStopped: none,
  SessionDeadlineSet: none,
  StepStarted: none,
  ChoiceMade: (data, { at }) => ({
    ...data,
    ...(data.values !== undefined && { values: mapValues(data.values, (value, path) => at(path, value)) }),
  }),
  MapStarted: (data, { result }) => ({ ...data, items: data.items.map((item) => result(item, ITEM)) }),
  WaitStarted: none,
  WaitSatisfied: none,
  WaitExpired: none,
  HumanAsked: none,
  HumanAnswered: (data, { result }) => ({
    ...data,
    input: { ...data.input, value: result(data.input.value, data.slot) },
  }),
  DoubtSettled: (data, { result }) => ({
    ...data,
    input: { ...data.input, value: result(data.input.value) },
    result: result(data.result, data.slot),
  }),
  HumanExpired: none,
  ContextTransformed: (data, { at }) => ({
    ...data,
    set: mapValues(data.set, (value, path) => at(path, value)),
  }),
  EventEmitted: (data, { at }) => ({ ...data, data: at("input", data.data) }),
  JoinDecided: (data, { result }) => ({
    ...data,
    ...(data.value !== undefined && { value: result(data.value, data.slot) }),
  }),
  StepCompleted: none,
  StepFailed: none,
  StepCancelled: none,
  TaskCreated: none,
  AttemptDispatched: none,
  AnswerApplied: (data, { result }) => ({ ...data, result: result(data.result) }),
  AnswerStale: (data, { result }) => ({ ...data, result: result(data.result) }),
  AnswerUnusable: (data, { result }) => ({ ...data, result: result(data.result) }),
  AnswerLate: (data, personal) => ({ ...data, outcome: outcomeValues(data.outcome, personal) }),
  AttemptFailed: none,
  AttemptTimedOut: none,
  AttemptFenced: none,
  AgentUnavailable: none,
  RetryScheduled: none,
  EffectClaimed: none,
  ClaimRefused: none,
  EffectInDoubt: none,
  FallbackTaken: none,
  ValueFilled: (data, { result }) => ({ ...data, value: result(data.value) }),
  TaskSkipped: none,
  TaskFailed: none,
  DeadlineArmed: none,
};

/** An event becomes the input of its runs, and sets facts and limits. */
export function inputValues(input: EventInput, { at }: PersonalValues): EventInput {
  const { data, session, constraints } = input;
  return {
    ...input,
    data: at("input", data),
    ...(session !== undefined && { session: objectAt("session", session, at) }),
    ...(constraints !== undefined && { constraints: objectAt("constraints", constraints, at) }),
  };
}

/** What is merged into a section stays an object, whatever of it is personal. */
export const objectAt = (path: string, object: JsonObject, at: PersonalValues["at"]): JsonObject =>
  mapValues(object, (value: Json, key) => at(`${path}.${key}`, value));

function outcomeValues(outcome: AgentOutcome, { result }: PersonalValues): AgentOutcome {
  return outcome.status === "ok" ? { ...outcome, result: result(outcome.result) } : outcome;
}
