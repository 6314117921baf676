import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "#core/json.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { readDefinition } from "#local/states/definition.ts";
import { createFolderStore } from "#local/states/execution-store.ts";
import { createExecutions } from "#local/states/executions.ts";
import { createInterpreter } from "#local/states/interpreter.ts";

const START = Date.UTC(2030, 0, 1);
const SECOND = 1_000;
/** Asks in rounds, as the watch over letters does. */
const ROUNDS = {
  StartAt: "Wait",
  TimeoutSeconds: 1_000,
  States: {
    Wait: { Type: "Wait", SecondsPath: "$.seconds", Next: "Ask" },
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "f", "Payload.$": "$" },
      OutputPath: "$.Payload",
      Next: "Decide",
    },
    Decide: {
      Type: "Choice",
      Choices: [{ Variable: "$.round", NumericLessThan: 3, Next: "Wait" }],
      Default: "Done",
    },
    Done: { Type: "Succeed" },
  },
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "spine-executions-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A runtime with the folder's executions, from a time on. */
function runtime(at: number) {
  const clock = createMovableClock(at);
  const asked: number[] = [];
  const call = (_: string, parameters: Json): Promise<Json> => {
    const { Payload } = parameters as { readonly Payload: { readonly round: number } };
    asked.push(Payload.round);
    return Promise.resolve({ Payload: { round: Payload.round + 1, seconds: 60 } });
  };
  const run = createInterpreter(readDefinition(ROUNDS, "Machine"), { clock, call });
  const machine = { arn: "arn:aws:states:r:a:stateMachine:m", name: "m", roleArn: "role", run };
  const executions = createExecutions(clock, () => undefined, createFolderStore(folder));
  const resumed = executions.resume(new Map([[machine.arn, machine]]));
  return {
    clock,
    asked,
    resumed,
    start: (input: Json) => executions.start(machine, "one", input),
    status: () => executions.of(machine).map(({ status }) => status),
    stop: () => executions.stopAll(),
  };
}

describe("an execution in a data folder", () => {
  it("continues after a stop with the rest of its wait and its round count", async () => {
    const first = runtime(START);
    first.start({ round: 1, seconds: 30 });
    await first.clock.runBy(30 * SECOND);
    expect(first.asked).toEqual([1]);
    await first.clock.runBy(20 * SECOND);
    first.stop();

    const second = runtime(START + 70 * SECOND);
    expect({ resumed: second.resumed, status: second.status() }).toEqual({ resumed: 1, status: ["RUNNING"] });
    await second.clock.runBy(20 * SECOND - 1);
    expect(second.asked).toEqual([]);
    await second.clock.runBy(1);
    expect({ asked: second.asked, status: second.status() }).toEqual({ asked: [2], status: ["SUCCEEDED"] });
  });

  it("continues at once when its wait ended while nothing ran", async () => {
    const first = runtime(START);
    first.start({ round: 2, seconds: 30 });
    await first.clock.runBy(0);
    first.stop();
    const second = runtime(START + 500 * SECOND);
    await second.clock.runBy(0);
    expect(second.asked).toEqual([2]);
  });

  it("stays the same when started again, and keeps its name after it has ended", async () => {
    const first = runtime(START);
    first.start({ round: 2, seconds: 30 });
    await first.clock.runBy(0);
    first.stop();
    const second = runtime(START + SECOND);
    expect(second.start({ round: 2, seconds: 30 })).toMatchObject({ status: "RUNNING", startedAt: START });
    await second.clock.runBy(30 * SECOND);
    second.stop();
    const third = runtime(START + 60 * SECOND);
    expect({ resumed: third.resumed, status: third.status() }).toEqual({ resumed: 0, status: ["SUCCEEDED"] });
    expect(() => third.start({ round: 2, seconds: 30 })).toThrow("Execution Already Exists");
  });

  it("times out counting from its start, not from its last stop", async () => {
    const first = runtime(START);
    first.start({ round: 1, seconds: 2_000 });
    await first.clock.runBy(0);
    first.stop();
    const second = runtime(START + 999 * SECOND);
    await second.clock.runBy(SECOND - 1);
    expect(second.status()).toEqual(["RUNNING"]);
    await second.clock.runBy(1);
    expect(second.status()).toEqual(["TIMED_OUT"]);
  });
});
