import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { messageOf, SpineError } from "#core/errors.ts";
import { clientDefaults } from "../clients.ts";

export interface FunctionCall {
  /** Name or ARN, with its qualifier where it has one. */
  readonly functionName: string;
  /** JSON. */
  readonly payload: string;
  /** Of a durable function: the same name and payload again give the execution that there is. */
  readonly executionName?: string;
  readonly signal: AbortSignal;
}

/** Calls a function and waits; gives the text of what it returned. */
export type CallFunction = (call: FunctionCall) => Promise<string>;

/** What passes by itself, or with a repaired deployment; all else fails the same way again. */
const PASSING = [
  "TooManyRequestsException",
  "ServiceException",
  "EC2ThrottledException",
  "ResourceNotReadyException",
  "ResourceConflictException",
  "SnapStartNotReadyException",
  "TimeoutError",
];

/**
 * Somebody's own function, called as it is. A function that failed is `agent.failed` and may be tried again; its message stays where it was
 * logged, since it is nobody's to publish.
 */
export function createFunctionCaller(client: Pick<LambdaClient, "send">): CallFunction {
  return async ({ functionName, payload, executionName, signal }) => {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "RequestResponse",
      Payload: new TextEncoder().encode(payload),
      ...(executionName !== undefined && { DurableExecutionName: executionName }),
    });
    let response;
    try {
      response = await client.send(command, { abortSignal: signal });
    } catch (error) {
      const name = error instanceof Error ? error.name : "Error";
      throw new SpineError("agent.failed", `The function cannot be called: ${name}: ${messageOf(error)}`, {
        retryable: PASSING.includes(name),
        cause: error,
      });
    }
    const text = new TextDecoder().decode(response.Payload);
    if (response.FunctionError === undefined) return text;
    const what = `${response.FunctionError} ${typeIn(text)}`.trim();
    throw new SpineError("agent.failed", `The function failed: ${what}.`, { retryable: true });
  };
}

/** The call with a client of its own. It tries once: after a second try the function would have run twice. */
export const createDefaultFunctionCaller = (timeoutMs: number): CallFunction =>
  createFunctionCaller(new LambdaClient(clientDefaults({ requestTimeout: timeoutMs, maxAttempts: 1 })));

function typeIn(text: string): string {
  try {
    const { errorType } = JSON.parse(text) as { readonly errorType?: unknown };
    return typeof errorType === "string" && /^[\w.]{1,100}$/.test(errorType) ? errorType : "";
  } catch {
    return "";
  }
}
