import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCommitItem } from "#aws/dynamo/log-items.ts";
import { parseSessionKey } from "#core/ids.ts";
import { MAX_CACHED_MS } from "#ports/secrets.ts";
import type { OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import type { LogLine } from "#local/provision/site.ts";
import { synthesize } from "#local/synth.ts";
import { createErase, createOperate } from "#client/operate.ts";
import { startCloud, temporaryFolder } from "./fixture/assembly.ts";
import { lettersUntil } from "./fixture/letters.ts";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));
const EMAIL = "ada@example.invalid";
const WHO = "Ada Lovelace";
/** Of an event: names are stored as they are. */
const NAME = "grace@example.invalid";

/** The deployed functions on a template that declares personal values. */
describe("personal values on the local runtime", () => {
  let cloud: LocalCloud;
  let clients: { readonly dynamo: DynamoDBClient; readonly s3: S3Client; readonly sqs: SQSClient };
  const lines: LogLine[] = [];

  beforeAll(async () => {
    const environment = { PATIENCE_RETENTION: "P30D", PATIENCE_PERSONAL: "input.email,session.who" };
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE], environment });
    cloud = await startCloud({ templateDir, onLog: (line) => lines.push(line) });
    const connection = (service: string) => connectionTo(cloud.environment, service);
    clients = {
      dynamo: new DynamoDBClient(connection("DYNAMODB")),
      s3: new S3Client({ ...connection("S3"), forcePathStyle: true }),
      sqs: new SQSClient(connection("SQS")),
    };
  }, 240_000);
  afterAll(() => Object.values(clients).forEach((client) => client.destroy()));

  const url = (rest: string) => `${cloud.functionUrls.get("spine-ingress")}/sessions/visit/${rest}`;
  const headers = {
    "content-type": "application/json",
  };
  const variable = (name: string) => cloud.functions.get("spine-ingress")?.config.environment[name] ?? "";
  const post = (id: string, type: string, data: object) =>
    cloud.fetch(url("events"), {
      method: "POST",
      headers: { ...headers, prefer: "wait=1" },
      body: JSON.stringify({ type, id, data, session: { who: WHO, locale: "en" } }),
    });
  const state = async () =>
    (await (await cloud.fetch(url("state"), { headers })).json()) as { readonly context: object };
  const items = async () => {
    const scan = new ScanCommand({ TableName: variable("TABLE_NAME"), ConsistentRead: true });
    const { Items = [] } = await clients.dynamo.send(scan);
    // Packed, a text would hide what it holds.
    return Items.map((item) =>
      item["kind"]?.S === "commit" ? { ...item, text: { S: readCommitItem(item).text } } : item,
    );
  };
  const objects = async (): Promise<readonly (readonly [key: string, text: string])[]> => {
    const Bucket = variable("BUCKET_NAME");
    const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket }));
    return Promise.all(
      Contents.map(async ({ Key = "" }) => {
        // Recovery may have moved it since.
        const { Body } = await clients.s3
          .send(new GetObjectCommand({ Bucket, Key }))
          .catch((error: unknown) => {
            if (error instanceof NoSuchKey) return { Body: undefined };
            throw error;
          });
        return [Key, (await Body?.transformToString()) ?? ""] as const;
      }),
    );
  };
  const target = () => ({
    where: "here",
    prefix: "spine",
    environment: cloud.environment,
    call: () => Promise.reject(new Error("no HTTP here")),
  });
  const letter = async (): Promise<OperatorReplies["show"]> => {
    const operate = createOperate(target());
    const [newest] = await lettersUntil(operate, cloud.clock.now());
    return operate({ op: "show", letter: newest?.letter ?? "" });
  };

  it("are nowhere in the table, and readable by callers with the right to read the session", async () => {
    expect((await post("1", "Asked", { email: EMAIL, plain: "told" })).status).toBe(202);
    expect(await state()).toMatchObject({
      context: { input: { email: EMAIL, plain: "told" }, session: { who: WHO, locale: "en" } },
    });
    const stored = JSON.stringify(await items());
    for (const value of [EMAIL, WHO]) expect(stored).not.toContain(value);
    expect(stored).toContain("told");
    expect((await items()).filter((item) => item["kind"]?.S === "key")).toHaveLength(1);
  });

  it("are told by the stream to callers with that right", async () => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const url = `${cloud.functionUrls.get("spine-stream")}/sessions/visit/events`;
    let text = "";
    for await (const part of (await cloud.fetch(url, { signal })).body ?? []) {
      // A response's body is made of bytes.
      text += Buffer.from(part as Uint8Array).toString();
      if (text.includes(EMAIL)) break;
    }
    leaving.abort();
    expect(text).toContain(EMAIL);
  });

  it("are nowhere either when a flow copied them, directly and in a sentence of its reply", async () => {
    const response = await post("noted", "Noted", { email: EMAIL, plain: "told" });
    expect(await response.json()).toMatchObject({ reply: { body: { sent: `to ${EMAIL}`, plain: "shown" } } });
    expect(await state()).toMatchObject({ context: { note: { to: EMAIL } } });
    const stored = JSON.stringify(await items());
    expect(stored).not.toContain(EMAIL);
    expect(stored).toContain("shown");
  });

  it("are in no log line when a producer uses them as names, and the session can still be found by them", async () => {
    const bus = new EventBridgeClient(connectionTo(cloud.environment, "EVENTBRIDGE"));
    const event = { session: "named", id: NAME, correlation: NAME, data: { email: EMAIL } };
    const entry = {
      EventBusName: "spine-in",
      Source: "com.example.shop",
      DetailType: "Told",
      Detail: JSON.stringify(event),
    };
    await bus.send(new PutEventsCommand({ Entries: [entry, entry] }));
    bus.destroy();
    const told = () => lines.filter(({ text }) => text.includes('"session":"named"'));
    await expect.poll(told, { timeout: 20_000 }).not.toEqual([]);
    const response = await cloud.fetch(`${cloud.functionUrls.get("spine-ingress")}/correlations`, {
      method: "POST",
      headers,
      body: JSON.stringify({ correlation: NAME }),
    });
    const { digests } = (await response.json()) as { readonly digests: readonly [string] };
    expect(
      told()
        .map(({ text }) => text)
        .join(),
    ).toContain(`"correlation":"${digests[0]}"`);
    // Committed once, whichever of its two messages came through.
    const url = `${cloud.functionUrls.get("spine-ingress")}/sessions/named/events`;
    const events = (await (await cloud.fetch(url, { headers })).json()) as readonly {
      readonly type: string;
    }[];
    expect(events.filter(({ type }) => type === "InputAccepted")).toHaveLength(1);
  });

  it("are in no stored letter, and an operator can read the content", async () => {
    const input = {
      kind: "event",
      source: "shop",
      id: "2",
      hash: "2",
      correlation: "2",
      type: "Asked",
      data: { email: EMAIL },
    };
    await clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/spine-inbox-dead.fifo`,
        MessageBody: JSON.stringify({ tenant: "default", session: "visit", input }),
        MessageGroupId: "visit",
        MessageDeduplicationId: "2",
      }),
    );
    const bodies = async () => (await objects()).filter(([key]) => key.endsWith("/body"));
    await expect.poll(bodies, { timeout: 20_000 }).toHaveLength(1);
    expect(JSON.stringify(await objects())).not.toContain(EMAIL);
    expect((await bodies())[0]?.[1]).toMatch(/^\{"\$sealed":"/);
    expect(await letter()).toMatchObject({ body: { input: { data: { email: EMAIL } } } });
  });

  it("read as erased within the stated bound, and the session continues", async () => {
    const erase = createErase(target());
    const key = parseSessionKey({ tenant: "default", session: "visit" });
    expect(await erase({ ...key, reason: "asked for", personal: true })).toMatchObject({ letters: 1 });
    cloud.clock.skipTo(cloud.clock.now() + MAX_CACHED_MS);
    expect(await state()).toMatchObject({
      context: {
        input: { email: { $erased: true }, plain: "told" },
        session: { who: { $erased: true }, locale: "en" },
      },
    });
    expect((await objects()).filter(([key]) => key.endsWith("/body"))).toEqual([]);
    const response = await post("3", "Told", { email: EMAIL, plain: "again" });
    expect([200, 202]).toContain(response.status);
    const stored = JSON.stringify([await items(), await objects()]);
    for (const value of [EMAIL, WHO]) expect(stored).not.toContain(value);
  });

  it("are in no line that a function logs", () => {
    expect(lines.length).toBeGreaterThan(0);
    for (const value of [EMAIL, WHO, NAME]) expect(JSON.stringify(lines)).not.toContain(value);
  });

  it("need no right that is not in the template", () => {
    expect(lines.filter(({ kind }) => kind === "trouble")).toEqual([]);
  });
});

describe("a spine that no longer declares personal values, on the local runtime", () => {
  it("reads values that it sealed before, and keeps working", { timeout: 240_000 }, async () => {
    const dataDir = temporaryFolder();
    const lines: LogLine[] = [];
    const startWith = async (environment: Readonly<Record<string, string>>) => {
      const { templateDir } = await synthesize({
        app: `${PATIENCE}app.ts`,
        sources: [PATIENCE],
        environment,
      });
      return startCloud({ templateDir, dataDir, onLog: (line) => lines.push(line) });
    };
    const headers = { "content-type": "application/json" };
    const at = (cloud: LocalCloud, rest: string) =>
      `${cloud.functionUrls.get("spine-ingress")}/sessions/visit/${rest}`;
    const post = (cloud: LocalCloud, id: string) =>
      cloud.fetch(at(cloud, "events"), {
        method: "POST",
        headers,
        body: JSON.stringify({ type: "Asked", id, data: { email: EMAIL }, session: { who: WHO } }),
      });

    const declaring = await startWith({ PATIENCE_PERSONAL: "input.email,session.who" });
    expect((await post(declaring, "1")).status).toBe(202);
    await declaring.stop();

    const silent = await startWith({});
    const read = async () => (await silent.fetch(at(silent, "state"), { headers })).json();
    expect(await read()).toMatchObject({ context: { input: { email: EMAIL }, session: { who: WHO } } });
    expect((await post(silent, "2")).status).toBe(202);
    expect(await read()).toMatchObject({ context: { session: { who: WHO } } });
    expect(lines.filter(({ kind }) => kind === "trouble")).toEqual([]);
  });
});
