import type { SessionEvents, SessionEventType } from "../events.ts";
import type { AgentOutcome, SignalInput } from "../input.ts";
import { isJsonObject, type Json } from "../../json.ts";
import { ITEM, mapValues, REPLY, type PersonalValues } from "./personal-values.ts";
import { recordedValues, stateValues } from "./state-values.ts";
import { endingValues, failed, inputValues } from "./value-parts.ts";

type Locations = {
  readonly [Type in SessionEventType]: (
    data: SessionEvents[Type],
    personal: PersonalValues,
  ) => SessionEvents[Type];
};

/** It keeps no value of a context. */
const none = <Data>(data: Data): Data => data;

const disposed = <Data extends { readonly errors?: readonly string[] }>(
  data: Data,
  { text }: PersonalValues,
): Data => ({
  ...data,
  ...(data.errors !== undefined && { errors: data.errors.map(text) }),
});

/** Of what it tells, no path of a context says where it stands. */
const signalled = <Data extends { readonly input: SignalInput }>(
  data: Data,
  { whole }: PersonalValues,
): Data => ({
  ...data,
  input: { ...data.input, data: whole(data.input.data) },
});

/** Where the values of a context stand in each type of event. A new type does not compile until it is listed here. */
export const VALUES_IN: Locations = {
  InputAccepted: (data, personal) => ({
    ...disposed(data, personal),
    input: inputValues(data.input, personal),
  }),
  InputHeld: (data, personal) => ({ ...data, input: inputValues(data.input, personal) }),
  InputReleased: disposed,
  OrdinalGapRecorded: none,
  InputQuarantined: (data, personal) => ({ ...failed(data, personal), input: personal.whole(data.input) }),
  CommandGiven: none,
  TaskSignalled: signalled,
  SignalIgnored: signalled,
  DeadLetterRecorded: ({ letter }, { text }) => ({ letter: { ...letter, reason: text(letter.reason) } }),
  DeadlinePassed: none,
  SessionForked: (data, personal) => ({
    ...data,
    state: stateValues(data.state, personal),
    recorded: data.recorded.map((one) => recordedValues(one, personal)),
  }),
  RunCarried: none,
  EventCarried: (data, { at }) => ({ ...data, data: at("input", data.data) }),
  OutcomeReused: (data, { result }) => ({ ...data, result: result(data.result) }),
  EventKept: none,
  KeptEventPassed: (data, { text }) => ({
    ...data,
    passed: data.passed.map((wait) => ({ ...wait, reason: text(wait.reason) })),
  }),
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
  RunFailed: failed,
  RunCancelled: (data, { text }) => ({ ...data, reason: text(data.reason) }),
  CompensationStarted: (data, personal) => ({ ...data, ending: endingValues(data.ending, personal) }),
  KeptSectionChanged: none,
  RunRejected: none,
  ReplySent: (data, { result, whole }) => ({
    ...data,
    body: data.failed ? failureBody(data.body, whole) : result(data.body, REPLY),
  }),
  BudgetExhausted: none,
  SessionStopped: none,
  SessionDeadlineSet: none,
  StepStarted: none,
  ChoiceMade: (data, { at, text }) => ({
    ...data,
    ...(data.errors !== undefined && { errors: data.errors.map(text) }),
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
  EventEmitted: (data, personal) => ({ ...disposed(data, personal), data: personal.at("input", data.data) }),
  JoinDecided: (data, { result }) => ({
    ...data,
    ...(data.value !== undefined && { value: result(data.value, data.slot) }),
  }),
  StepCompleted: none,
  StepFailed: failed,
  StepCancelled: none,
  TaskCreated: none,
  AttemptDispatched: none,
  HeartbeatSeen: none,
  AnswerApplied: (data, { result }) => ({ ...data, result: result(data.result) }),
  AnswerStale: (data, { result }) => ({ ...data, result: result(data.result) }),
  AnswerUnusable: (data, personal) => ({ ...failed(data, personal), result: personal.result(data.result) }),
  AnswerLate: (data, personal) => ({ ...data, outcome: outcomeValues(data.outcome, personal) }),
  AttemptFailed: failed,
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
  TaskFailed: failed,
  DeadlineArmed: none,
};

function outcomeValues(outcome: AgentOutcome, personal: PersonalValues): AgentOutcome {
  return outcome.status === "ok"
    ? { ...outcome, result: personal.result(outcome.result) }
    : failed(outcome, personal);
}

/** Code and message as a body: of these the message is words of whoever failed. */
const failureBody = (body: Json, whole: PersonalValues["whole"]): Json =>
  isJsonObject(body) ? mapValues(body, (value, key) => (key === "code" ? value : whole(value))) : whole(body);
