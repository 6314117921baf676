import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { SpineError } from "#core/errors.ts";
import type { AnswerResult, LookResult, SignalsResult } from "#core/session/task-messages.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import { reaching } from "../aws-error.ts";
import type { DoorResponse } from "./door-protocol.ts";
import type { DoorRequest } from "./protocol-schema.ts";
import { currentTrace } from "../observe/trace.ts";

export interface LambdaDoorOptions {
  readonly client: LambdaClient;
  /** Name or ARN of the door's function. */
  readonly functionName: string;
}

/**
 * The door by synchronous invocation. A door that cannot be reached, is throttled or breaks is a retryable SpineError,
 * so that the host sends its answer to the answers queue instead.
 *
 * @example
 * const door = createLambdaDoor({ client: new LambdaClient({}), functionName: "spine-door" });
 * const { go } = await door.look(proof);
 */
export function createLambdaDoor({ client, functionName }: LambdaDoorOptions): CoordinatorDoor {
  const call = async (request: DoorRequest): Promise<LookResult | AnswerResult | SignalsResult> => {
    const response = await invoke(client, functionName, { ...currentTrace(), ...request });
    if (response.ok) return response.verdict;
    const { code, message, problems, retryable } = response.error;
    throw new SpineError(code, message, { problems, retryable });
  };
  return {
    // Which verdict comes follows from what was asked; both sides are of one build.
    look: async (proof) => (await call({ op: "look", proof })) as LookResult,
    beat: async (proof) => (await call({ op: "beat", proof })) as LookResult,
    claim: async (proof, execution) => (await call({ op: "claim", proof, execution })) as LookResult,
    signals: async (proof, after) => (await call({ op: "signals", proof, after })) as SignalsResult,
    answer: async (answer) => (await call({ op: "answer", answer })) as AnswerResult,
  };
}

async function invoke(
  client: LambdaClient,
  functionName: string,
  request: DoorRequest,
): Promise<DoorResponse> {
  return reaching(
    "The door cannot be invoked",
    async () => {
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: "RequestResponse",
          Payload: new TextEncoder().encode(JSON.stringify(request)),
        }),
      );
      const text = new TextDecoder().decode(Payload);
      if (FunctionError !== undefined) throw new Error(`${FunctionError} ${errorTypeIn(text)}`.trim());
      return readResponse(text);
    },
    { code: "internal" },
  );
}

function readResponse(text: string): DoorResponse {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("ok" in value))
    throw new Error("The door returned an unexpected answer.");
  return value as DoorResponse;
}

/** The kind of a function's failure. Its message is left where it was logged. */
function errorTypeIn(text: string): string {
  const { errorType } = JSON.parse(text) as { readonly errorType?: unknown };
  return typeof errorType === "string" ? errorType : "";
}
