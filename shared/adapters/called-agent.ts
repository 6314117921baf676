import {
  createDefaultFunctionCaller,
  type CallFunction,
  type FunctionCall,
} from "#aws/lambda/call-function.ts";
import type { AgentTask } from "#core/agent-task.ts";
import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { endedBy, withResumed, type AnswerReading } from "./answer-reading.ts";
import type { Ended, Framework, Resumed } from "./framework.ts";
import { ownView } from "./own-view.ts";

export interface Called<View> {
  readonly functionName: string;
  readonly payload: MakePayload<View> | undefined;
  readonly call: CallFunction | undefined;
  /** By what a durable execution of this payload is known. @default no name */
  readonly nameOf?: (payload: string, task: { readonly idempotencyKey: string }) => string;
}

/** What a function gets: of the view, and of a person's answer where it goes on. */
export type MakePayload<View> = (view: View, task: AgentTask<View>, resumed: Resumed | undefined) => unknown;

/** An agent that is one call of a function. */
export function calledAgent<View, Result>(
  contract: Contract<View, Result>,
  { functionName, payload = defaultPayload(contract), call, nameOf }: Called<View>,
  { result, ...reading }: Pick<AdapterOptions<View, Result>, "result"> & AnswerReading,
): Agent {
  let caller = call;
  const framework: Framework<View> = {
    run: async ({ prompt, resumed, signal, task }): Promise<Ended> => {
      caller ??= createDefaultFunctionCaller(contract.spec.timeoutMs);
      // The prompt is the task's view itself.
      const text = JSON.stringify(payload(prompt, task as AgentTask<View>, resumed)) ?? "null";
      const executionName = nameOf?.(text, task);
      const request: FunctionCall = {
        functionName,
        payload: text,
        signal,
        ...(executionName !== undefined && { executionName }),
      };
      return endedBy(returned(await caller(request)), reading);
    },
  };
  return adaptAgent<View, Result, View>(contract, framework, {
    prompt: (view) => view,
    ...(result !== undefined && { result }),
  });
}

const defaultPayload =
  <View, Result>({ spec }: Contract<View, Result>): MakePayload<View> =>
  (view, _task, resumed) =>
    withResumed(ownView(view, spec.writes), resumed);

/** A function that answers HTTP has its result in the body. */
function returned(text: string): Json {
  const value: unknown = text === "" ? null : JSON.parse(text);
  if (!isJsonObject(value) || typeof value["statusCode"] !== "number" || !("body" in value))
    return value as Json;
  const { statusCode, body } = value;
  if (statusCode >= 400) {
    const retryable = statusCode >= 500 || statusCode === 429;
    throw new SpineError("agent.failed", `The function answered ${statusCode}.`, { retryable });
  }
  return body as Json;
}

const ARN = /^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,140}(?::[\w$-]{1,128})?$/;

export function checkArn(arn: string): void {
  if (ARN.test(arn)) return;
  throw new SpineError("setting.invalid", "The function of an agent is not usable.", {
    problems: [
      {
        field: "functionArn",
        problem: "is not the ARN of a function",
        repair: 'Write it whole, such as "arn:aws:lambda:eu-west-1:111122223333:function:scoring".',
      },
    ],
  });
}
