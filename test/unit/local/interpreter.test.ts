import { describe, expect, it } from "vitest";
import type { Json } from "#core/json.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { readDefinition } from "#local/states/definition.ts";
import { createExecutions } from "#local/states/executions.ts";
import { createInterpreter } from "#local/states/interpreter.ts";
import { StatesError } from "#local/states/states-error.ts";

const WORK = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "f", "Payload.$": "$.work" },
};

/** An execution of some states, on a clock that stands still, before a service that is a function. */
function run(
  states: Readonly<Record<string, object>>,
  input: Json,
  call: (parameters: Json) => Promise<Json> = (parameters) => Promise.resolve(parameters),
  more: object = {},
) {
  const clock = createMovableClock(Date.UTC(2030, 0, 1));
  const definition = readDefinition({ StartAt: Object.keys(states)[0], States: states, ...more }, "Machine");
  const interpreter = createInterpreter(definition, { clock, call: (_, parameters) => call(parameters) });
  const executions = createExecutions(clock, () => undefined);
  const machine = { arn: "arn:aws:states:r:a:stateMachine:m", name: "m", roleArn: "role", run: interpreter };
  const { arn } = executions.start(machine, "one", input);
  return { clock, stop: () => executions.stop(arn), end: () => executions.find(arn) };
}

describe("an execution", () => {
  it("steps through its states with their paths", async () => {
    const { clock, end } = run(
      {
        Work: { ...WORK, ResultPath: "$.done", Next: "Which" },
        Which: {
          Type: "Choice",
          Choices: [{ Variable: "$.done.Payload", NumericEquals: 7, Next: "Seven" }],
          Default: "Other",
        },
        Seven: { Type: "Pass", Parameters: { "name.$": "$$.Execution.Name", was: "seven" }, End: true },
        Other: { Type: "Fail", Error: "Other", Cause: "It was another." },
      },
      { work: 7 },
    );
    await clock.runBy(0);
    expect(end()).toMatchObject({ status: "SUCCEEDED", output: { name: "one", was: "seven" } });
  });

  it("fails when a state's result exceeds 256 KiB, regardless of Retry and Catch", async () => {
    let calls = 0;
    const states = (bytes: number) =>
      run(
        {
          Work: {
            ...WORK,
            Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 2 }],
            Catch: [{ ErrorEquals: ["States.ALL"], Next: "Mend" }],
            End: true,
          },
          Mend: { Type: "Pass", End: true },
        },
        { work: 1 },
        () => {
          calls += 1;
          return Promise.resolve("x".repeat(bytes - 2));
        },
      );
    const fitting = states(262_144);
    await fitting.clock.runBy(0);
    expect(fitting.end().status).toBe("SUCCEEDED");
    const tooLarge = states(262_145);
    await tooLarge.clock.runBy(60_000);
    expect(tooLarge.end()).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
    expect(calls).toBe(2);
  });

  it("goes to the state that Catch names, with the error", async () => {
    const { clock, end } = run(
      {
        Work: {
          ...WORK,
          Catch: [{ ErrorEquals: ["Broken"], ResultPath: "$.error", Next: "Mend" }],
          End: true,
        },
        Mend: { Type: "Pass", OutputPath: "$.error", End: true },
      },
      { work: 1 },
      () => Promise.reject(new StatesError("Broken", "in two")),
    );
    await clock.runBy(0);
    expect(end()).toMatchObject({ status: "SUCCEEDED", output: { Error: "Broken", Cause: "in two" } });
  });

  it("retries the errors that a retrier names, and no others", async () => {
    let calls = 0;
    const failing = (name: string) => () => {
      calls += 1;
      return Promise.reject(new StatesError(name, "no"));
    };
    const states = { Work: { ...WORK, Retry: [{ ErrorEquals: ["Passing"], MaxAttempts: 2 }], End: true } };
    const passing = run(states, { work: 1 }, failing("Passing"));
    await passing.clock.runBy(3_000);
    expect(passing.end()).toMatchObject({ status: "FAILED", error: "Passing" });
    expect(calls).toBe(3);
    const lasting = run(states, { work: 1 }, failing("Lasting"));
    await lasting.clock.runBy(0);
    expect(lasting.end()).toMatchObject({ status: "FAILED", error: "Lasting" });
    expect(calls).toBe(4);
  });

  it.each([
    ["Seconds", { Seconds: 60 }],
    ["SecondsPath", { SecondsPath: "$.in.seconds" }],
    ["Timestamp", { Timestamp: "2030-01-01T00:01:00Z" }],
    ["TimestampPath", { TimestampPath: "$.at" }],
  ])("waits by %s and passes its input on", async (_, wait) => {
    const input = { in: { seconds: 60 }, at: "2030-01-01T00:01:00.000Z" };
    const { clock, end } = run({ Wait: { Type: "Wait", ...wait, End: true } }, input);
    await clock.runBy(59_999);
    expect(end().status).toBe("RUNNING");
    await clock.runBy(1);
    expect(end()).toMatchObject({ status: "SUCCEEDED", output: input });
  });

  it.each([
    ["seconds", { SecondsPath: "$.wrong" }],
    ["a timestamp", { TimestampPath: "$.wrong" }],
  ])("fails when the value to wait for is not %s", async (_, wait) => {
    const { clock, end } = run({ Wait: { Type: "Wait", ...wait, End: true } }, { wrong: "soon" });
    await clock.runBy(0);
    expect(end()).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  it("ends at its timeout, whatever it waits for", async () => {
    const states = { Wait: { Type: "Wait", Seconds: 3_600, Next: "Work" }, Work: { ...WORK, End: true } };
    const { clock, end } = run(states, { work: 1 }, undefined, { TimeoutSeconds: 60 });
    await clock.runBy(60_000);
    expect(end()).toMatchObject({ status: "TIMED_OUT", stoppedAt: Date.UTC(2030, 0, 1, 0, 1) });
    expect(clock.waiting).toBe(0);
  });

  it("makes no further calls once it is stopped", async () => {
    const calls: Json[] = [];
    const { clock, stop, end } = run(
      { Wait: { Type: "Wait", Seconds: 60, Next: "Work" }, Work: { ...WORK, End: true } },
      { work: 1 },
      (parameters) => Promise.resolve((calls.push(parameters), null)),
    );
    await clock.runBy(1_000);
    stop();
    await clock.runBy(120_000);
    expect(end().status).toBe("ABORTED");
    expect(calls).toEqual([]);
  });
});
