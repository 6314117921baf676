import type { Json } from "#core/json.ts";
import { AwsError } from "../http/service-error.ts";
import { jsonRefusal, jsonService, type JsonCall, type JsonOperation } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { createTokenBucket } from "../throttling/token-bucket.ts";
import { requireStateData } from "./data-limit.ts";
import { STATES } from "../signing/services.ts";
import type { Execution, Executions, LocalStateMachine } from "./executions.ts";

const CONTENT_TYPE = "application/x-amz-json-1.0";

export interface StatesEndpointOptions {
  /** By their ARN. */
  readonly machines: ReadonlyMap<string, LocalStateMachine>;
  readonly executions: Executions;
  readonly access: Access;
  readonly throttling: Throttling;
  readonly now: () => number;
}

/** Step Functions: executions are started, described, listed and stopped. */
export function serveStates({
  machines,
  executions,
  access,
  throttling,
  now,
}: StatesEndpointOptions): Promise<LoopbackServer> {
  const textIn = ({ input }: JsonCall, name: string): string => {
    const value = input[name];
    if (typeof value === "string") return value;
    throw new AwsError("ValidationException", `${name} must be a text.`);
  };
  const machineOf = (call: JsonCall, operation: string): LocalStateMachine => {
    const arn = textIn(call, "stateMachineArn");
    access.check(call.caller, operation, `states:${operation}`, arn);
    const machine = machines.get(arn);
    if (machine !== undefined) return machine;
    throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
  };
  const executionArn = (call: JsonCall, operation: string): string => {
    const arn = textIn(call, "executionArn");
    access.check(call.caller, operation, `states:${operation}`, arn);
    return arn;
  };

  const { quotas } = throttling;
  const starts = createTokenBucket({ perSecond: quotas.startsPerSecond, holds: quotas.startBurst, now });
  const requireRoom = (machine: LocalStateMachine): void => {
    if (!starts.take(1)) {
      throttling.refused("states starts");
      throw new AwsError("ThrottlingException", "Rate exceeded");
    }
    if (executions.open() < quotas.openExecutions) return;
    const message = `The open executions limit for the account of ${machine.arn} has been reached.`;
    throw new AwsError("ExecutionLimitExceeded", message);
  };

  const operations: Readonly<Record<string, JsonOperation>> = {
    StartExecution(call) {
      const machine = machineOf(call, "StartExecution");
      const input = String(call.input["input"] ?? "{}");
      requireStateData(input, "InvalidExecutionInput");
      requireRoom(machine);
      const { arn, startedAt } = executions.start(machine, textIn(call, "name"), parsed(input));
      return { executionArn: arn, startDate: startedAt / 1_000 };
    },
    DescribeExecution: (call) => described(executions.find(executionArn(call, "DescribeExecution"))),
    ListExecutions(call) {
      const found = executions.of(machineOf(call, "ListExecutions"));
      return { executions: found.map(described) };
    },
    StopExecution(call) {
      const { stoppedAt = 0 } = executions.stop(executionArn(call, "StopExecution"));
      return { stopDate: stoppedAt / 1_000 };
    },
  };
  return serveLoopback(
    jsonService({
      access,
      service: STATES,
      operations,
      refusal: jsonRefusal(CONTENT_TYPE),
      contentType: CONTENT_TYPE,
    }),
  );
}

function parsed(input: string): Json {
  try {
    return JSON.parse(input) as Json;
  } catch {
    throw new AwsError("InvalidExecutionInput", "Invalid State Machine Execution Input: it is not JSON.");
  }
}

function described(execution: Execution): object {
  const { arn, machine, name, input, status, startedAt, stoppedAt, output, error, cause } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate: startedAt / 1_000,
    input: JSON.stringify(input),
    ...(stoppedAt !== undefined && { stopDate: stoppedAt / 1_000 }),
    ...(output !== undefined && { output: JSON.stringify(output) }),
    ...(error !== undefined && { error, cause }),
  };
}
