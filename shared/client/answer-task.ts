import { LambdaClient } from "@aws-sdk/client-lambda";
import { createLambdaDoor } from "#aws/lambda/lambda-door.ts";
import { problemError, SpineError, type Problem } from "#core/errors.ts";
import { parseSessionKey, parseTaskId } from "#core/ids.ts";
import type { TaskCallback } from "#core/later.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AttemptProof, SignalsResult } from "#core/session/task-messages.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import { untilTaken } from "./until-taken.ts";

export interface AnsweringOptions {
  /** Signs the calls of the door. @default the credentials that the AWS CLI would use, and the Region of the door's ARN */
  readonly client?: LambdaClient;
}

/** What became of an answer. */
export interface TaskAnswered {
  /** `recorded`: in the session's log, as applied, stale or late. `settled`: the attempt had its outcome already, nothing was written. */
  readonly type: "recorded" | "settled";
  /** What breaks the contract: the answer was recorded as a failed one. */
  readonly problems?: readonly Problem[];
}

/**
 * Answers a task that its agent passed on (`task.later`), by a signed call of the door: the caller needs `lambda:InvokeFunction` on the
 * function that the callback names. Sending it again is harmless. Throws a `SpineError`: `task.token` for a callback that proves nothing,
 * `answer.malformed` with each field that is wrong, `internal` if the door cannot be invoked.
 *
 * @example
 * const { type } = await answerTask(callback, { status: "ok", result: { pages: 12 } });
 */
export async function answerTask(
  callback: TaskCallback,
  outcome: AgentOutcome,
  options: AnsweringOptions = {},
): Promise<TaskAnswered> {
  const proof = proofOf(callback);
  const door = doorOf(callback, options);
  const { type, problems } = await untilTaken(() => door.answer({ ...proof, outcome }));
  if (type === "busy")
    throw new SpineError("session.contended", "The session is busy. Send the answer again.", {
      retryable: true,
    });
  return { type, ...(problems !== undefined && { problems }) };
}

/**
 * Tells the door that somebody works on a task that its agent passed on, for contracts with `heartbeatMs`. False: the answer counts no longer,
 * stop. Throws as `answerTask` does.
 *
 * @example
 * const counts = await beatTask(callback);
 */
export async function beatTask(callback: TaskCallback, options: AnsweringOptions = {}): Promise<boolean> {
  return (await doorOf(callback, options).beat(proofOf(callback))).go;
}

/**
 * What somebody told the agent of a task that was passed on, after the signal of a number; 0 for all. `go` is false when the answer counts no
 * longer. Throws as `answerTask` does.
 *
 * @example
 * const { signals } = await taskSignals(callback, 0);
 */
export async function taskSignals(
  callback: TaskCallback,
  after: number,
  options: AnsweringOptions = {},
): Promise<SignalsResult> {
  return doorOf(callback, options).signals(proofOf(callback), after);
}

/** The part of a callback that proves the attempt, as the door reads it. Throws `id.invalid` for names that no session can have. */
export const proofOf = (callback: TaskCallback): AttemptProof => ({
  ...parseSessionKey(callback),
  task: parseTaskId(callback.task),
  attempt: callback.attempt,
  token: callback.token,
});

const REGION = /^arn:[^:]+:lambda:([^:]+):/;

function doorOf({ door }: TaskCallback, { client }: AnsweringOptions): CoordinatorDoor {
  if (typeof door !== "string" || door === "")
    throw problemError("answer.malformed", {
      field: "callback.door",
      problem: "is missing",
      repair: "Hand over the whole callback that `later` gave, as JSON.",
    });
  const region = REGION.exec(door)?.[1];
  const own = () => new LambdaClient({ ...(region !== undefined && { region }) });
  return createLambdaDoor({ client: client ?? own(), functionName: door });
}
