import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { parseSessionKey } from "#core/ids.ts";
import { createMovableClock, type MovableClock } from "#memory/movable-clock.ts";
import type { OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import type { LogLine } from "#local/provision/site.ts";
import { countsSince, type RequestCount } from "#local/request-counts.ts";
import { synthesize } from "#local/synth.ts";
import { createOperate, type Operate } from "#client/operate.ts";
import { startCloud } from "./fixture/assembly.ts";
import { lettersUntil } from "./fixture/letters.ts";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));
const TENANT = "default";

interface Recorded {
  readonly type: string;
  readonly sequence: string;
}

/** The deployed functions on the template of an app without agents; only the cloud's clock stands still. */
describe("recovery on the local runtime", () => {
  let cloud: LocalCloud;
  let clock: MovableClock;
  let operate: Operate;
  let clients: { readonly sqs: SQSClient; readonly dynamo: DynamoDBClient; readonly sfn: SFNClient };
  const lines: LogLine[] = [];

  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE] });
    clock = createMovableClock(Date.now());
    cloud = await startCloud({ templateDir, clock, onLog: (line) => lines.push(line) });
    const connection = (service: string) => connectionTo(cloud.environment, service);
    clients = {
      sqs: new SQSClient(connection("SQS")),
      dynamo: new DynamoDBClient(connection("DYNAMODB")),
      sfn: new SFNClient(connection("SFN")),
    };
    operate = createOperate({
      where: "here",
      prefix: "spine",
      environment: cloud.environment,
    });
  }, 240_000);
  afterAll(() => Object.values(clients).forEach((client) => client.destroy()));

  const url = (session: string) => `${cloud.functionUrls.get("spine-ingress")}/sessions/${session}/events`;
  const headers = {
    "content-type": "application/json",
  };
  const post = (session: string) =>
    cloud.fetch(url(session), { method: "POST", headers, body: JSON.stringify({ type: "Asked", data: {} }) });
  const typesOf = async (session: string) => {
    const response = await cloud.fetch(url(session), { headers });
    return response.status === 200
      ? ((await response.json()) as readonly Recorded[]).map(({ type }) => type)
      : [];
  };
  const send = (queue: string, session: string, body: object) =>
    clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/${queue}`,
        MessageBody: JSON.stringify({ tenant: TENANT, session, ...body }),
        ...(queue.endsWith(".fifo") && {
          MessageGroupId: session,
          MessageDeduplicationId: randomUUID(),
        }),
      }),
    );
  const event = (id: string, more: object = {}) => ({
    kind: "event",
    source: "shop",
    id,
    hash: id,
    correlation: id,
    type: "Told",
    data: {},
    ...more,
  });
  const lettersOf = async (session: string) => {
    const letters = await lettersUntil(operate, clock.now());
    return letters.filter((letter) => letter.session?.session === session);
  };
  const statesOf = async (session: string) => (await lettersOf(session)).map(({ state }) => state);
  const eventually = (read: () => Promise<unknown>, ms = 0) =>
    expect.poll(
      () => {
        if (ms > 0) clock.advanceBy(ms);
        return read();
      },
      { timeout: 60_000, interval: 100 },
    );
  const executionsOf = async (machine: RegExp) => {
    const arn = [...new Set(cloud.counts().map(({ resource }) => resource))].find((each) =>
      machine.test(each),
    );
    const { executions = [] } = await clients.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: arn ?? "" }),
    );
    return executions.map(({ status }) => status);
  };
  const counted = (before: readonly RequestCount[], operation: string) =>
    countsSince(before, cloud.counts())
      .filter((each) => each.operation === operation)
      .reduce((sum, { count }) => sum + count, 0);

  it("holds a deadline an hour ahead in one execution, which sends it in time", async () => {
    const before = cloud.counts();
    expect((await post("patient")).status).toBe(202);
    await eventually(() => Promise.resolve(counted(before, "StartExecution"))).toBe(1);
    expect(await executionsOf(/FarDeadlines/)).toEqual(["RUNNING"]);
    // Well past the hour: the functions' clock went on while they started.
    clock.advanceBy(2 * 3_600_000);
    await eventually(() => executionsOf(/FarDeadlines/)).toEqual(["SUCCEEDED"]);
    // The functions' own clock says that this was early: they arm it again, and the session waits as before.
    const deadlines = () =>
      countsSince(before, cloud.counts()).filter(
        ({ operation, resource, caller }) =>
          operation === "SendMessageBatch" &&
          resource.endsWith("spine-deadlines") &&
          caller === "spine-recovery",
      );
    await eventually(() => Promise.resolve(deadlines().length)).toBe(1);
    expect(await typesOf("patient")).toEqual(expect.arrayContaining(["WaitStarted", "DeadlineArmed"]));
  });

  it("sends a letter to its session, and an execution confirms that it was recorded", async () => {
    const before = cloud.counts();
    await send("spine-deadlines-dead", "told", { at: 5 });
    await eventually(() => typesOf("told")).toEqual(["DeadLetterRecorded"]);
    expect(await statesOf("told")).toEqual(["kept"]);
    expect(counted(before, "StartExecution")).toBe(1);
    clock.advanceBy(30_000);
    await eventually(() => statesOf("told")).toEqual(["recorded"]);
    await eventually(() => executionsOf(/RecoveryWatch/)).toEqual(["SUCCEEDED"]);
  });

  it("redrives a letter at an operator's command, and relays commits again", async () => {
    const before = cloud.counts();
    const [letter] = await lettersOf("told");
    expect(await operate({ op: "redrive", letter: letter?.letter ?? "", reason: "a test" })).toEqual({
      as: "deadline",
    });
    expect(await operate({ op: "show", letter: letter?.letter ?? "" })).toMatchObject({
      state: "redriven",
      body: { at: 5 },
      notes: { redriven: { as: "deadline" } },
    });
    const { commits } = await operate({ op: "republish", since: 0, reason: "a test" });
    expect(commits).toBeGreaterThan(1);
    const relayed = () =>
      countsSince(before, cloud.counts())
        .filter(({ operation, caller }) => operation === "PutEvents" && caller === "spine-relay")
        .reduce((sum, { count }) => sum + count, 0);
    // Ten to a request at most.
    await eventually(() => Promise.resolve(relayed())).toBeGreaterThanOrEqual(Math.ceil(commits / 10));
  });

  it("prevents an answer without a valid proof from counting for any task", async () => {
    await send("spine-answers-dead.fifo", "victim", { task: "t-1", attempt: 1, token: "x".repeat(43) });
    const lost = () => lines.some(({ text }) => text.includes('"LostLetters":1'));
    await eventually(() => Promise.resolve(lost())).toBe(true);
    expect(await typesOf("victim")).toEqual([]);
  });

  it("quarantines poison on first sight", async () => {
    const before = cloud.counts();
    const paths = Object.fromEntries(Array.from({ length: 2_100 }, (_, at) => [`path${at}`, 1]));
    await send("spine-inbox.fifo", "poisoned", {
      input: event("poison", { type: "Asked", constraints: paths }),
    });
    await eventually(() => typesOf("poisoned")).toEqual(["InputQuarantined"]);
    expect(counted(before, "ReceiveMessage")).toBe(1);
  });

  it("parks a session whose log cannot be read, at every door, and sends the kept inputs once it is repaired", async () => {
    const key = parseSessionKey({ tenant: TENANT, session: "damaged" });
    const item = commitItem(key, { first: 1, last: 1, text: "no commit", snapshot: false });
    const { pk, sk } = item;
    const table = tableOf(cloud);
    await clients.dynamo.send(new PutItemCommand({ TableName: table, Item: item }));
    expect((await post("damaged")).status).toBe(423);
    for (const id of ["1", "2"]) await send("spine-inbox.fifo", "damaged", { input: event(id) });
    await eventually(() => statesOf("damaged"), 30_000).toEqual(["parked", "parked"]);
    expect(lines.some(({ text }) => text.includes('"UnreadableSessions":'))).toBe(true);
    const unpark = () =>
      operate({ op: "unpark", ...key, reason: "a test" }) as Promise<OperatorReplies["unpark"]>;
    await expect(unpark()).rejects.toMatchObject({ status: 423 });

    if (pk === undefined || sk === undefined) throw new Error("A commit's item has a key.");
    await clients.dynamo.send(new DeleteItemCommand({ TableName: table, Key: { pk, sk } }));
    expect((await unpark()).sent).toHaveLength(2);
    await eventually(() => typesOf("damaged")).toEqual(["InputAccepted", "InputAccepted"]);
    expect(await statesOf("damaged")).toEqual(["redriven", "redriven"]);
  });
});

const tableOf = (cloud: LocalCloud): string =>
  Object.entries(cloud.outputs).find(([name]) => name.includes("TableName"))?.[1] ?? "";
