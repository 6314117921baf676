import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpCall } from "#client/call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { functionCallOf } from "#local/faults/function-call.ts";
import { listenOnLoopback } from "#local/http/listening.ts";
import type { LogLine } from "#local/provision/site.ts";
import { synthesize } from "#local/synth.ts";
import { createCapture, signatureProblems } from "../support/captured.ts";
import { startCloud } from "./fixture/assembly.ts";

describe("notices of questions on the local runtime", () => {
  const { around, captured } = createCapture();
  const lines: LogLine[] = [];
  const posted: unknown[] = [];
  let status = 200;
  let cloud: LocalCloud;
  let client: SpineClient;
  let webhook: Awaited<ReturnType<typeof listenOnLoopback>>;
  let secrets: SecretsManagerClient;

  beforeAll(async () => {
    webhook = await listenOnLoopback(
      createServer((request, response) => {
        void request.toArray().then((parts) => {
          posted.push(JSON.parse(Buffer.concat(parts as Buffer[]).toString("utf8"))); // of a request they are buffers
          response.writeHead(status).end("ok");
        });
      }),
    );
    const { templateDir } = await synthesize({ environment: { SPINE_QUESTIONS: "webhook" } });
    cloud = await startCloud({ templateDir, around, onLog: (line) => void lines.push(line) });
    const url = cloud.functionUrls.get("spine-ingress") ?? "";
    client = createSpineClient(createHttpCall(url, cloud.authorize()));
    secrets = new SecretsManagerClient(connectionTo(cloud.environment, "SECRETS_MANAGER"));
    const SecretId = cloud.functions.get("spine-questions")?.config.environment["WEBHOOK_SECRET_ARN"];
    await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: `${webhook.url}/hook` }));
  }, 240_000);
  afterAll(async () => {
    secrets.destroy();
    await webhook.close();
  });

  const ask = (session: string) =>
    client.send(session, { id: "m1", type: "MessageReceived", data: { text: "Hello there" } });
  const published = () => lines.flatMap(({ from, text }) => (from === "topic spine-questions" ? [text] : []));

  it(
    "reach topic and webhook, with names and times and nothing that was said",
    { timeout: 240_000 },
    async () => {
      await ask("visit-17");
      await expect.poll(() => posted, { timeout: 120_000 }).toHaveLength(1);
      await expect.poll(published, { timeout: 60_000 }).toHaveLength(1);
      const [text = ""] = published();
      const [{ ask: id } = { ask: "" }] = (await client.explanation("visit-17")).asks;
      expect(text).toMatch(/^A question is open until 20.+Z: session visit-17 of default, step /);
      expect(text).toContain(`answer visit-17 ${id} VALUE`);
      expect(text).not.toMatch(/Hello|customer want/);
      expect(posted).toEqual([{ text }]);
    },
  );

  it(
    "come again until the webhook takes them, while the topic may have them twice",
    { timeout: 240_000 },
    async () => {
      status = 503;
      await ask("visit-18");
      await expect.poll(() => posted.length, { timeout: 120_000 }).toBe(2);
      status = 200;
      const hidden = () =>
        cloud.messages().find(({ queue, inFlight }) => queue === "spine-questions" && inFlight > 0);
      await expect.poll(() => cloud.running(), { timeout: 60_000 }).toBe(0);
      expect(hidden()).toBeDefined();
      cloud.clock.skipTo(cloud.clock.now() + 60_000);
      await expect.poll(() => posted.length, { timeout: 120_000 }).toBe(3);
      await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);
      expect(posted[2]).toEqual(posted[1]);
      expect(cloud.messages().filter(({ queue }) => queue.startsWith("spine-questions"))).toEqual([]);
      const told = lines.filter(({ from }) => from === "spine-questions").map((line) => line.text);
      expect(told.join()).toContain("The webhook answered 503.");
      expect(told.join()).not.toContain(webhook.url);
    },
  );

  it("sign what they send for its service", () => {
    const mine = captured.filter(
      ({ request }) => functionCallOf(request)?.functionName === "spine-questions",
    );
    const operations = mine.map(({ request }) => functionCallOf(request)?.operation);
    expect(new Set(operations)).toEqual(new Set(["Publish", "GetSecretValue"]));
    expect(signatureProblems(mine, cloud.environment)).toEqual([]);
  });
});
