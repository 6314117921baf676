import type { CallFunction } from "#aws/lambda/call-function.ts";
import type { Agent, Contract } from "#core/contract.ts";
import type { AdapterOptions } from "./adapt-agent.ts";
import type { AnswerReading } from "./answer-reading.ts";
import { calledAgent, checkArn, type MakePayload } from "./called-agent.ts";

export type { CallFunction, FunctionCall } from "#aws/lambda/call-function.ts";
export type { AnswerReading } from "./answer-reading.ts";
export type { MakePayload } from "./called-agent.ts";

export interface LambdaOptions<View, Result>
  extends Pick<AdapterOptions<View, Result>, "result">, AnswerReading {
  /**
   * ARN of the function, or of a version or an alias of it; fixed, and never part of a view. The agent needs the right to call it:
   * `invokes: [arn]` of `SpineAgent`.
   */
  readonly functionArn: string;
  /** What the function gets. @default the view, and `resumed` where the agent goes on */
  readonly payload?: MakePayload<View>;
  /** @default a client of its own */
  readonly call?: CallFunction;
}

/**
 * A Lambda function that exists, called as it is: its payload is made of the view, and what it returns is the result. It may run twice for
 * one task, as any agent may: pass it `task.idempotencyKey`, or declare the contract's effect.
 *
 * @example
 * const agent = lambdaAgent(assistant, {
 *   functionArn: "arn:aws:lambda:eu-west-1:111122223333:function:scoring",
 *   payload: (view, { idempotencyKey }) => ({ body: view.input.text, requestId: idempotencyKey }),
 * });
 */
export function lambdaAgent<View, Result>(
  contract: Contract<View, Result>,
  { functionArn, payload, call, ...options }: LambdaOptions<View, Result>,
): Agent {
  checkArn(functionArn);
  return calledAgent(contract, { functionName: functionArn, payload, call }, options);
}
