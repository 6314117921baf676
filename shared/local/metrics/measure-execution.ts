import type { Clock } from "#ports/clock.ts";
import type { ExecutionStatus } from "../states/executions.ts";
import type { Recorder } from "./metric-store.ts";

const METRIC: Readonly<Record<ExecutionStatus, string | undefined>> = {
  RUNNING: undefined,
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};

/** Measures how an execution ended. Step Functions writes each only when there is one. */
export function measureExecution(
  machineArn: string,
  status: ExecutionStatus,
  recorder: Recorder,
  clock: Pick<Clock, "now">,
): void {
  const name = METRIC[status];
  if (name === undefined) return;
  const key = { namespace: "AWS/States", name, dimensions: { StateMachineArn: machineArn } };
  recorder.record(key, 1, clock.now());
}
