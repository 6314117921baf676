import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { ProgressDoor } from "#ports/live-output.ts";
import { reaching } from "../aws-error.ts";

export interface LambdaProgressOptions {
  readonly client: LambdaClient;
  /** Name or ARN of the function for progress. */
  readonly functionName: string;
}

/** Says what an agent does by invoking the spine's function for it; what becomes of it is of no concern to the agent. */
export function createLambdaProgress({ client, functionName }: LambdaProgressOptions): ProgressDoor {
  return {
    async progress(proof, record) {
      await reaching("Progress cannot be told", () =>
        client.send(
          new InvokeCommand({
            FunctionName: functionName,
            InvocationType: "RequestResponse",
            Payload: new TextEncoder().encode(JSON.stringify({ proof, record })),
          }),
        ),
      );
    },
  };
}
