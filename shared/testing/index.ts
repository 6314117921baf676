/** The test kit: the whole spine in one process, on a movable clock. */
export {
  inProcessSpine,
  type AskOptions,
  type InProcessSpine,
  type InProcessSpineOptions,
  type StreamedLog,
} from "./in-process/in-process-spine.ts";
export { createMovableClock, type MovableClock } from "#memory/movable-clock.ts";
export type { Blobs } from "#ports/blobs.ts";
export type { Limits } from "#core/session/limits.ts";
export type { Alarm, Clock, Ids } from "#ports/clock.ts";
export type { Accepted } from "#runtime/doors/create-ingress.ts";
export {
  given,
  dataOf,
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
export { replay } from "./replay-recorded.ts";
export { score } from "./score-recorded.ts";
export type { DecisionDifference } from "#core/session/redecide.ts";
