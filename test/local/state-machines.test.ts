import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSfnExecutions } from "#aws/step-functions/sfn-executions.ts";
import { createStepFunctionsDeadlines } from "#aws/step-functions/step-functions-deadlines.ts";
import { parseSessionKey } from "#core/ids.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { startOfRound } from "#runtime/letters/watch.ts";
import { startStateMachines } from "./fixture/state-machines.ts";

const START = Date.UTC(2030, 0, 1);
const SECOND = 1_000;
const key = parseSessionKey({ tenant: "acme", session: "s-1" });

type Confirm = (watch: { readonly round: number; readonly after: string }) => Promise<unknown>;

describe("the template's state machines", () => {
  let confirm: Confirm;
  const asked: unknown[] = [];
  let machines: Awaited<ReturnType<typeof startStateMachines>>;
  let client: SFNClient;

  beforeAll(async () => {
    machines = await startStateMachines(START, (event) => {
      const { confirm: watch } = event as { readonly confirm: Parameters<Confirm>[0] };
      asked.push(watch);
      return confirm(watch);
    });
    client = new SFNClient({
      region: "us-east-1",
      endpoint: machines.statesUrl,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
    });
  }, 60_000);
  beforeEach(() => asked.splice(0));
  afterAll(() => {
    machines.executions.stopAll();
    client.destroy();
  });

  /** Time passes when, and only when, whatever is next waits for exactly this long. */
  const passes = async (ms: number) => {
    const at = machines.clock.now() + ms;
    await expect.poll(() => machines.clock.nextTimer(), { interval: 2 }).toBe(at);
    machines.clock.advanceTo(at);
  };
  const endOf = async (name: string) => {
    await expect.poll(() => machines.ended.some((each) => each.name === name)).toBe(true);
    return machines.ended.find((each) => each.name === name);
  };

  describe("a distant deadline", () => {
    const near: number[] = [];
    const arm = (at: number) =>
      createStepFunctionsDeadlines({
        executions: createSfnExecutions({ client, stateMachine: machines.farDeadlines }),
        near: { arm: (_, time) => Promise.resolve(void near.push(time)) },
        digest: createNodeDigest(),
        clock: machines.clock,
      }).arm(key, at);
    const nameOf = (at: number) => createNodeDigest().sha256(`acme/s-1/${at}`);
    const received = () =>
      machines.deadlines.receive(machines.clock.now(), { max: 10 }).map(({ body }) => body);

    it("is sent to the deadlines queue at its time, once however often it is armed", async () => {
      const at = machines.clock.now() + 3_600 * SECOND;
      for (const _ of [1, 2]) await arm(at);
      await passes(3_600 * SECOND);
      expect(await endOf(nameOf(at))).toMatchObject({ status: "SUCCEEDED" });
      expect(received()).toEqual([JSON.stringify({ tenant: "acme", session: "s-1", at })]);
      expect(machines.denied).toEqual([]);
      const counted = machines.counts.snapshot().filter(({ service }) => service === "states");
      expect(counted).toMatchObject([
        { operation: "StartExecution", resource: machines.farDeadlines, count: 2 },
      ]);
      // Once its time has come, a queue takes it.
      await arm(at);
      expect(near).toEqual([at]);
    });

    it("is retried for a long time when the queue rejects it, and then fails, which rings an alarm", async () => {
      const [role] = [...machines.roles.values()].filter(({ arn }) => arn.includes("FarDeadlines"));
      const policies = role?.policies.splice(0) ?? [];
      const at = machines.clock.now() + 1_000 * SECOND;
      await arm(at);
      await passes(1_000 * SECOND);
      for (let retry = 0; retry < 104; retry += 1) await passes(Math.min(2 * 2 ** retry, 900) * SECOND);
      expect(await endOf(nameOf(at))).toMatchObject({
        status: "FAILED",
        error: "SQS.AccessDeniedException",
        cause: expect.stringContaining("sqs:SendMessage") as string,
      });
      role?.policies.push(...policies);
    }, 60_000);
  });

  describe("the watch over letters", () => {
    const start = (bucket: string) =>
      createSfnExecutions({ client, stateMachine: machines.letterWatch }).start(bucket, {
        ...startOfRound(bucket, 1),
      });
    const done = (watch: object) => Promise.resolve({ ...watch, next: "done" });

    it("waits, asks recovery, and ends when nothing is missing", async () => {
      confirm = done;
      await start("letters-1");
      await passes(30 * SECOND);
      expect(await endOf("letters-1")).toMatchObject({ status: "SUCCEEDED" });
      expect(asked).toEqual([startOfRound("letters-1", 1)]);
    });

    it("continues page by page at once, and round by round with longer and longer waits", async () => {
      confirm = ({ round, after }) => {
        if (after === "")
          return Promise.resolve({ ...startOfRound("letters-2", round), after: "a", next: "page" });
        const next = { ...startOfRound("letters-2", round + 1), next: "round" };
        return round < 4 ? Promise.resolve(next) : done(startOfRound("letters-2", 4));
      };
      await start("letters-2");
      for (const seconds of [30, 120, 480, 1_920]) await passes(seconds * SECOND);
      expect(await endOf("letters-2")).toMatchObject({ status: "SUCCEEDED" });
      expect(asked).toMatchObject(
        [1, 1, 2, 2, 3, 3, 4, 4].map((round, at) => ({ round, after: at % 2 === 0 ? "" : "a" })),
      );
    });

    it("asks again when recovery fails, and continues where it was", async () => {
      let failures = 0;
      confirm = (watch) => {
        failures += 1;
        return failures < 3 ? Promise.reject(new TypeError("not today")) : done(watch);
      };
      await start("letters-3");
      await passes(30 * SECOND);
      for (const seconds of [5, 10]) await passes(seconds * SECOND);
      expect(await endOf("letters-3")).toMatchObject({ status: "SUCCEEDED" });
      expect(asked).toHaveLength(3);
    });

    it("asks again when recovery times out", async () => {
      confirm = (watch) => (asked.length === 1 ? new Promise(() => undefined) : done(watch));
      await start("letters-4");
      await passes(30 * SECOND);
      await expect.poll(() => asked.length).toBe(1);
      await passes(30 * SECOND);
      await passes(5 * SECOND);
      expect(await endOf("letters-4")).toMatchObject({ status: "SUCCEEDED" });
    });

    it("fails when recovery fails for an hour, which rings an alarm", async () => {
      confirm = () => Promise.reject(new TypeError("never"));
      await start("letters-5");
      await passes(30 * SECOND);
      for (let retry = 0; retry < 16; retry += 1) await passes(Math.min(5 * 2 ** retry, 300) * SECOND);
      expect(await endOf("letters-5")).toMatchObject({ status: "FAILED", error: "Unwatched" });
      expect(asked).toHaveLength(17);
    });

    it("is started once per name, and not again after it has ended", async () => {
      confirm = done;
      for (const _ of [1, 2]) expect(await start("letters-6")).toBe("running");
      await passes(30 * SECOND);
      await endOf("letters-6");
      expect(asked).toHaveLength(1);
      expect(await start("letters-6")).toBe("closed");
    });
  });

  describe("an execution", () => {
    const input = JSON.stringify(startOfRound("x", 1));

    it("can be described, listed and stopped", async () => {
      const stateMachineArn = machines.letterWatch;
      const { executionArn } = await client.send(
        new StartExecutionCommand({ stateMachineArn, name: "stopped", input }),
      );
      const described = () => client.send(new DescribeExecutionCommand({ executionArn }));
      expect(await described()).toMatchObject({ status: "RUNNING", name: "stopped", input });
      await client.send(new StopExecutionCommand({ executionArn }));
      expect(await described()).toMatchObject({ status: "ABORTED" });
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
      expect(executions.filter(({ name }) => name === "stopped")).toMatchObject([{ status: "ABORTED" }]);
      expect(machines.clock.waiting).toBe(0);
    });

    it("with another name, machine or input is rejected as Step Functions rejects it", async () => {
      const stateMachineArn = machines.letterWatch;
      const starting = (more: object) =>
        client.send(new StartExecutionCommand({ stateMachineArn, name: "refused", input, ...more }));
      await expect(starting({ name: "with:colon" })).rejects.toMatchObject({ name: "InvalidName" });
      await expect(starting({ stateMachineArn: `${stateMachineArn}x` })).rejects.toMatchObject({
        name: "StateMachineDoesNotExist",
      });
      await expect(starting({ input: "{" })).rejects.toMatchObject({ name: "InvalidExecutionInput" });
      await starting({});
      await expect(starting({ input: "{}" })).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
      const unknown = new DescribeExecutionCommand({ executionArn: "arn:aws:states:::execution:none" });
      await expect(client.send(unknown)).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
    });
  });
});
