/** The test kit: the whole spine in one process, on a movable clock. */
export {
  inProcessSpine,
  type AskOptions,
  type InProcessSpine,
  type InProcessSpineOptions,
  type RunnableApplication,
  type StreamedLog,
  type ToldSignal,
} from "./in-process/in-process-spine.ts";
export { inProcessCall, type InProcessRequest } from "./in-process/in-process-call.ts";
export { createMovableClock, type MovableClock } from "#memory/movable-clock.ts";
export type { Blobs } from "#ports/blobs.ts";
export type { Limits } from "#core/session/limits.ts";
export type { Alarm, Clock, Ids } from "#ports/clock.ts";
export type { Accepted } from "#runtime/doors/create-ingress.ts";
export {
  given,
  dataOf,
  sha256Digest,
  type Act,
  type Expectation,
  type ExpectedEvent,
  type Given,
  type When,
} from "./given-when-then.ts";
export {
  World,
  type AnswerOptions,
  type EventOptions,
  type FailOptions,
  type Step,
  type WorldOptions,
} from "./world.ts";
export { recordSession, replay } from "./replay-recorded.ts";
export {
  scripted,
  type ScriptedAgent,
  type ScriptedAnswer,
  type SignalledAnswer,
} from "./agents/scripted-agent.ts";
export {
  expectSession,
  sessionMatchers,
  type SessionExpectation,
  type SessionMatchers,
} from "./sessions/expect-session.ts";
export { readSession, type SessionSource, type ToldSession } from "./sessions/told-session.ts";
export type { ReadableSpine } from "./sessions/whole-commits.ts";
export type { TimedEvent } from "#client/narration/tell.ts";
export type { SignalsResult } from "#core/session/task-messages.ts";
export type { HttpResponse } from "#runtime/doors/http/http-message.ts";
export type { ExpectedFact, ExpectedValue } from "./sessions/session-checks.ts";
export {
  clockChanges,
  inZone,
  localTime,
  nextWeekday,
  type ClockChange,
  type Disambiguation,
  type LocalMoment,
  type Weekday,
} from "./time/local-time.ts";
export type { RecordedSession } from "#core/session/recorded-session.ts";
export type { ScorePage, Scores } from "#ports/scores.ts";
export { score } from "./score-recorded.ts";
export type { DecisionDifference } from "#core/session/redecide.ts";
