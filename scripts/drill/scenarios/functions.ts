import { InvokeCommand } from "@aws-sdk/client-lambda";
import { InvocationFault } from "#local/faults/local-faults.ts";
import { dimensionOf, MINUTE, THROTTLED, type Scenario } from "../scenario.ts";
import type { DrillWorld } from "../world.ts";

/** Calls a function so often; whatever becomes of the calls. */
async function call({ clients }: DrillWorld, FunctionName: string, times: number): Promise<void> {
  for (let at = 0; at < times; at += 1)
    await clients.lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" })).catch(() => undefined);
}

export const FUNCTION_SCENARIOS: readonly Scenario[] = [
  {
    trouble: "the account has no concurrency left: every invocation is throttled",
    rings: (alarm) => alarm.endsWith("-throttled") && !alarm.startsWith("log-"),
    async run(world, alarms) {
      world.trouble.invocation = () => InvocationFault.throttled;
      for (const alarm of alarms)
        for (const name of dimensionOf(alarm, "FunctionName")) await call(world, name, 1);
      await world.advance(MINUTE, THROTTLED);
    },
  },
  {
    trouble: "the environments of functions crash on every invocation",
    rings: (alarm) => alarm.endsWith("-failed"),
    async run(world, alarms) {
      world.trouble.invocation = () => InvocationFault.died;
      for (const alarm of alarms)
        for (const name of dimensionOf(alarm, "FunctionName")) await call(world, name, alarm.threshold);
      await world.advance(MINUTE, THROTTLED);
    },
  },
];
