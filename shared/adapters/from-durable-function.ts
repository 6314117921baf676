import { createHash } from "node:crypto";
import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { calledAgent, checkArn } from "./called-agent.ts";
import type { LambdaOptions } from "./from-lambda.ts";

export type { AnswerReading, CallFunction, FunctionCall, LambdaOptions, MakePayload } from "./from-lambda.ts";

/** The ARN must name a version, an alias or `$LATEST`: Lambda starts no durable execution without one. */
export type DurableFunctionOptions<View, Result> = LambdaOptions<View, Result>;

/**
 * A Lambda durable function. Its execution is named by the task's key and the payload: an attempt that is delivered again, or that ran out
 * of time and is retried, finds the execution that there is, and steps that have ended do not run again.
 *
 * @example
 * const agent = durableFunctionAgent(assistant, {
 *   functionArn: "arn:aws:lambda:eu-west-1:111122223333:function:research:live",
 * });
 */
export function durableFunctionAgent<View, Result>(
  contract: Contract<View, Result>,
  { functionArn, payload, call, ...options }: DurableFunctionOptions<View, Result>,
): Agent {
  checkArn(functionArn);
  if (functionArn.split(":").length !== QUALIFIED) throw unqualified();
  const nameOf = (text: string, { idempotencyKey }: { readonly idempotencyKey: string }) =>
    createHash("sha256").update(`${idempotencyKey}\n${text}`).digest("hex");
  return calledAgent(contract, { functionName: functionArn, payload, call, nameOf }, options);
}

/** Parts of an ARN with a qualifier. */
const QUALIFIED = 8;

const unqualified = (): SpineError =>
  new SpineError("setting.invalid", "The durable function of an agent is not usable.", {
    problems: [
      {
        field: "functionArn",
        problem: "names no version or alias",
        repair: 'Add one, such as ":live".',
      },
    ],
  });
