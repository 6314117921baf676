import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import { FunctionSuffix } from "#aws/names.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import { DOOR_MEMORY_MB } from "../settings/memory.ts";
import { coreFunction, engineEnvironment, grantAdvance, type Foundation } from "./foundation.ts";
import type { SpineFunction } from "./spine-function.ts";

export interface DoorProps {
  readonly foundation: Foundation;
  /** Environments that are provisioned for the door. @default it shares those of the account */
  readonly reservedConcurrency?: number | undefined;
}

/** The agents' door: look, beat, claim and answer, each with a task's token. No queue feeds it. */
export class Door extends Construct {
  readonly handler: SpineFunction;

  constructor(scope: Construct, id: string, { foundation, reservedConcurrency }: DoorProps) {
    super(scope, id);
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.door,
      description: "receives agents' looks, claims and answers",
      timeout: Duration.millis(FUNCTION_TIMEOUT_MS.door),
      environment: engineEnvironment(foundation),
      reservedConcurrency,
      memorySize: DOOR_MEMORY_MB,
    });
    grantAdvance(foundation, this.handler);
    foundation.log.grantNoteHeartbeats(this.handler);
  }
}
