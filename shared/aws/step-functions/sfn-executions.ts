import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Executions } from "#ports/clock.ts";
import { reaching } from "../aws-error.ts";
import { clientDefaults, QUICK } from "../clients.ts";

export interface SfnExecutionsOptions {
  readonly client: SFNClient;
  readonly stateMachine: string;
}

/** Executions of one Standard state machine. Step Functions keeps their names for 90 days after they end. */
export function createSfnExecutions({ client, stateMachine }: SfnExecutionsOptions): Executions {
  return {
    start: (name, input) =>
      reaching<"running" | "closed">(
        `Execution ${name} was not started`,
        async () => {
          await client.send(
            new StartExecutionCommand({ stateMachineArn: stateMachine, name, input: JSON.stringify(input) }),
          );
          return "running";
        },
        { answers: { ExecutionAlreadyExists: "closed" } },
      ),
  };
}

/** Executions with a client of their own: what is loaded on demand. */
export function createDefaultSfnExecutions(stateMachine: string): Executions {
  return createSfnExecutions({ client: new SFNClient(clientDefaults(QUICK)), stateMachine });
}
