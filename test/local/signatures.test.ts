import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { parseSessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { functionCallOf } from "#local/faults/function-call.ts";
import type { LogLine } from "#local/provision/site.ts";
import { synthesize } from "#local/synth.ts";
import { LONG, send, SHORT, WHOLE } from "../../scripts/requests/play.ts";
import { connectionTo } from "#local/connection-to.ts";
import type { SpineHealth } from "#runtime/health/create-health-report.ts";
import { createErase, createOperate } from "#client/operate.ts";
import { createCapture, signatureProblems } from "../support/captured.ts";
import { functionResources, startCloud, writeAssembly } from "./fixture/assembly.ts";
import { STORES } from "./fixture/stores.ts";

const DIGEST = createNodeDigest();

describe("the bundled functions of the app's template", () => {
  const { around, captured } = createCapture();
  const trouble: LogLine[] = [];
  let cloud: LocalCloud;
  const clients: { destroy(): void }[] = [];
  const connection = (service: string) => connectionTo(cloud.environment, service);
  const open = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const typesOf = async (session: string) => {
    const table = cloud.functions.get("spine-ingress")?.config.environment["TABLE_NAME"] ?? "";
    const client = open(new DynamoDBClient(connection("DYNAMODB")));
    const key = parseSessionKey({ tenant: "default", session });
    const commits = await createDynamoSessionLog({ client, table, digest: DIGEST }).readAfter(key, 0, 100);
    return commits.flatMap((commit) => parseCommit(key, commit).events.map(({ type }) => type));
  };

  beforeAll(async () => {
    const { templateDir } = await synthesize({
      environment: {
        SPINE_RETENTION: "P30D",
        SPINE_PERSONAL: "session.who",
        SPINE_MIRROR: "yes",
        SPINE_SCORERS: "yes",
        SPINE_CALLBACKS: "yes",
      },
    });
    const onLog = (line: LogLine) => void (line.kind === "trouble" && trouble.push(line));
    cloud = await startCloud({ templateDir, around, onLog });
  }, 240_000);
  afterAll(() => clients.forEach((client) => client.destroy()));

  it(
    "sign each request to AWS for its service, with a signature that verifies",
    { timeout: 240_000 },
    async () => {
      for (const play of [WHOLE, LONG, SHORT]) await send(cloud, play.name, play, true);
      const sqs = open(new SQSClient(connection("SQS")));
      // A dead letter goes by recovery into the inbox, and by the coordinator into its session.
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/spine-deadlines-dead`,
          MessageBody: JSON.stringify({ tenant: "default", session: SHORT.name, at: 1 }),
        }),
      );
      const events = open(new EventBridgeClient(connection("EVENTBRIDGE")));
      await events.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: "spine-in",
              Source: "com.example.shop",
              DetailType: "MessageReceived",
              Detail: JSON.stringify({ session: "bus", id: "b1", data: { text: "Hello" } }),
            },
          ],
        }),
      );
      const target = { where: "here", prefix: "spine", environment: cloud.environment };
      await createErase(target)({
        ...parseSessionKey({ tenant: "default", session: LONG.name }),
        reason: "a test",
      });
      await createOperate(target)({ op: "list", day: "2026-03-02" });
      // A token that proves nothing has been held against the secret.
      const lambda = open(new LambdaClient(connection("LAMBDA")));
      const proof = {
        tenant: "default",
        session: SHORT.name,
        task: "t-1",
        attempt: 1,
        token: `${"0".repeat(36)}.${"0".repeat(43)}`,
      };
      const record = { run: "r", step: "plan", agent: "reply", n: 1, text: "Dear" };
      const Payload = new TextEncoder().encode(JSON.stringify({ proof, record }));
      const told = await lambda.send(new InvokeCommand({ FunctionName: "spine-progress", Payload }));
      expect(new TextDecoder().decode(told.Payload)).toContain("task.token");
      // So has one without a signature.
      const answer = JSON.stringify({ ...proof, outcome: { status: "ok", result: {} } });
      const publicly = cloud.functionUrls.get("spine-callback") ?? "";
      expect((await fetch(publicly, { method: "POST", body: answer })).status).toBe(403);
      // What it refuses it has read as well, and it does not stay open.
      const stream = cloud.functionUrls.get("spine-stream");
      expect((await cloud.fetch(`${stream}/sessions/nobody/events`)).status).toBe(404);
      await expect.poll(() => typesOf(SHORT.name), { timeout: 60_000 }).toContain("DeadLetterRecorded");
      await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);
      // CloudWatch tells of whole minutes.
      cloud.clock.skipTo(cloud.clock.now() + 60_000);
      const health = await cloud.fetch(`${cloud.functionUrls.get("spine-operator")}/health`);
      const { agents, alarms, limits } = (await health.json()) as SpineHealth; // as its function has it
      expect(agents.find(({ agent }) => agent === "reply")?.calls).toMatchObject({
        errors: 0,
        latencyMs: { p50: expect.any(Number) as number },
      });
      expect(alarms?.find(({ name }) => name === "unreadable-sessions")).toMatchObject({ state: "ok" });
      expect(limits).toEqual({
        events: [],
        waits: { total: 8, perTenant: 8 },
        streams: { total: 8, perTenant: 8 },
      });

      const callers = new Set(captured.map(({ request }) => functionCallOf(request)?.functionName));
      expect([...cloud.functions.keys()].filter((name) => !callers.has(name))).toEqual([]);
      expect(captured.length).toBeGreaterThan(100);
      expect(signatureProblems(captured, cloud.environment)).toEqual([]);
    },
  );

  it("continue their tasks when the token secret changes", { timeout: 240_000 }, async () => {
    const secrets = open(new SecretsManagerClient(connection("SECRETS_MANAGER")));
    const SecretId = cloud.functions.get("spine-door")?.config.environment["TOKEN_SECRET_ARN"];
    const rotate = (word: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId, SecretString: word.repeat(8) }));
    trouble.length = 0;
    await rotate("young-1");
    // Its new process makes tokens of the new version, which the others have never met.
    cloud.kill("spine-ingress");
    await send(cloud, "young", SHORT, true);
    await rotate("young-2");
    // Its new process is shown tokens of the version before.
    cloud.kill("spine-door");
    await send(cloud, "old", SHORT, true);
    const told = trouble.map(({ text }) => text).filter((text) => !/SIGKILL|Dropped/.test(text));
    expect(told).toEqual([]);
    for (const session of ["young", "old"]) {
      const types = await typesOf(session);
      expect(types).toContain("ReplySent");
      expect(types.filter((type) => /Fenced|Late|TimedOut|TaskFailed/.test(type))).toEqual([]);
    }
  });
});

describe("a function that uses a client's signer for another service", () => {
  const BORROWER = `
import { DynamoDBClient, GetItemCommand } from "${import.meta.resolve("@aws-sdk/client-dynamodb")}";
const client = new DynamoDBClient({ maxAttempts: 1 });
export const handler = async ({ borrow }) => {
  if (borrow) await client.config.signer({ name: "sigv4", signingName: "secretsmanager", signingRegion: "us-east-1", properties: {} });
  const asked = client.send(new GetItemCommand({ TableName: "log", Key: { pk: { S: "k" }, sk: { N: "1" } } }));
  return asked.then(() => "answered", ({ name, message }) => name + ": " + message);
};`;
  const said = async (borrow: boolean) => {
    const { around, captured } = createCapture();
    const anything = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: "*" };
    const templateDir = writeAssembly(
      { ...STORES, ...functionResources("borrower", [anything]) },
      { borrower: BORROWER },
    );
    const cloud = await startCloud({ templateDir, around });
    const outcome = await cloud.functions.get("borrower")?.invoke({ borrow });
    return { outcome, problems: signatureProblems(captured, cloud.environment) };
  };

  it("is rejected by the other service from then on, and reported", async () => {
    const { outcome, problems } = await said(true);
    expect(outcome).toMatchObject({
      payload: JSON.stringify(
        "InvalidSignatureException: Credential should be scoped to correct service: 'dynamodb'.",
      ),
    });
    expect(problems).toContain("borrower signed for secretsmanager what went to dynamodb");
    expect(problems.join()).toContain("borrower was refused by dynamodb");
  });

  it("would be answered and pass without this check", async () => {
    expect(await said(false)).toEqual({ outcome: { type: "ok", payload: '"answered"' }, problems: [] });
  });
});
