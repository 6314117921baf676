import { LocalDurableTestRunner } from "@aws/durable-execution-sdk-js-testing";
import { withDurableExecution, type DurableExecutionHandler } from "@aws/durable-execution-sdk-js";
import type { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { createFunctionCaller, type CallFunction } from "../../../shared/aws/lambda/call-function.ts";

/** As Lambda has it. */
const NAME = /^[a-zA-Z0-9-_]{1,64}$/;
const QUALIFIED = /:function:[\w-]+:[\w$-]+$/;

const refused = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/**
 * A durable function as Lambda runs it, by AWS's own SDK and its local runner: one execution a name, which is given again for the same name
 * and payload, and which goes on when its caller does not wait any more.
 */
export function durableLambda(handler: DurableExecutionHandler): {
  readonly call: CallFunction;
  /** Names of the executions that calls were for, and of those that were started. */
  readonly called: readonly string[];
  readonly started: readonly string[];
} {
  const executions = new Map<string, { readonly payload: string; readonly ended: Promise<string> }>();
  const called: string[] = [];
  const started: string[] = [];

  const invoke = async ({ input }: InvokeCommand): Promise<{ Payload: Uint8Array }> => {
    const { FunctionName = "", InvocationType, DurableExecutionName: name = "", Payload } = input;
    if (InvocationType !== "RequestResponse")
      throw refused("ValidationException", "Nobody waits for the result.");
    if (!QUALIFIED.test(FunctionName))
      throw refused("InvalidParameterValueException", "A durable function needs a qualifier.");
    if (!NAME.test(name)) throw refused("ValidationException", "This is not the name of an execution.");
    called.push(name);
    const payload = new TextDecoder().decode(Payload as Uint8Array);
    const known = executions.get(name);
    if (known !== undefined && known.payload !== payload)
      throw refused("DurableExecutionAlreadyStartedException", "The payload is another one.");
    const execution = known ?? { payload, ended: run(handler, JSON.parse(payload)) };
    if (known === undefined) {
      executions.set(name, execution);
      started.push(name);
    }
    return { Payload: new TextEncoder().encode(await execution.ended) };
  };

  return {
    call: createFunctionCaller({ send: invoke } as unknown as Pick<LambdaClient, "send">),
    called,
    started,
  };
}

async function run(handler: DurableExecutionHandler, payload: unknown): Promise<string> {
  const runner = new LocalDurableTestRunner({ handlerFunction: withDurableExecution(handler) });
  const execution = await runner.run({ payload });
  return JSON.stringify(execution.getResult());
}
