/** The public door for programs that talk to a spine: send events, wait for replies, read a session. */
export {
  answerTask,
  beatTask,
  taskSignals,
  type AnsweringOptions,
  type TaskAnswered,
} from "./answer-task.ts";
export { ApiError } from "./api-error.ts";
export type { RetryPolicy } from "./ask-again.ts";
export { createHttpCall, type ApiAnswer, type ApiRequest, type Call, type HttpCallOptions } from "./call.ts";
export {
  createSpineClient,
  type Accepted,
  type DecisionRead,
  type Explanation,
  type LoggedEvent,
  type OpenQuestion,
  type OperatorsCommand,
  type OutgoingEvent,
  type OutgoingSignal,
  type PersonsAnswer,
  type SpineClient,
  type SpineWays,
  type ViewRead,
} from "./client.ts";
export type { AgentReport, HealthReport, SpineHealth } from "#runtime/health/create-health-report.ts";
export type { LetterPage, ListedLetter } from "#runtime/letters/list-letters.ts";
export { deployedTarget, type DeployedOptions, type DeployedTarget } from "./deployed-target.ts";
export type { FollowOptions } from "./follow-events.ts";
export { postAnswer } from "./post-answer.ts";
export type { KeptScore } from "#core/scoring/kept-score.ts";
export type { AgentOutcome } from "#core/session/input.ts";
export type { SignalsResult } from "#core/session/task-messages.ts";
export type { TaskSignal } from "#core/session/signal/task-signal.ts";
export type { TaskCallback } from "#core/later.ts";
export type { Target } from "./reaching.ts";
export { authorizeBy, type Authorize } from "./signing/signed-fetch.ts";
export {
  createHttpStreamCall,
  type StreamAnswer,
  type StreamCall,
  type StreamRequest,
} from "./stream-call.ts";
export { TargetError, UsageError } from "./usage-error.ts";
export {
  createClient,
  type Client,
  type ClientOptions,
  type ClientSettings,
  type ClientTarget,
} from "./typed/create-client.ts";
export type { AskOptions, ClientSession, SendOptions, TypedQuestion } from "./typed/client-session.ts";
export type { AnswerTo, EventData, EventType, Question, ReplyTo } from "./typed/application-types.ts";
