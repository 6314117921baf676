import { KMSClient } from "@aws-sdk/client-kms";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKmsSessionKeys } from "#aws/kms-session-keys.ts";
import { MAX_CACHED_MS } from "#ports/session-keys.ts";
import type { LoopbackServer } from "../../../scripts/local/http/loopback-server.ts";
import { serveKms } from "../../../scripts/local/kms/kms-endpoint.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { allowAll } from "../../local/fixture/allow-all.ts";
import { freshKey } from "../session-log.ts";
import { describeSessionKeys } from "../session-keys.ts";

const ARN = "arn:aws:kms:us-east-1:000000000000:key/wrapping";
let local: LocalTable;
let server: LoopbackServer;
let kms: KMSClient;
let now = 1_800_000_000_000;

beforeAll(async () => {
  local = await startLocalTable();
  server = await serveKms([{ arn: ARN, material: randomBytes(32) }], allowAll());
  kms = new KMSClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  kms.destroy();
  await server.stop();
  await local.stop();
});

const make = () =>
  createKmsSessionKeys({
    dynamo: local.client,
    kms,
    table: local.table,
    wrappingKey: ARN,
    clock: { now: () => now },
  });

describeSessionKeys("KMS and DynamoDB, emulated", () => Promise.resolve({ keys: make(), anew: make }));

it("goes on with a key in memory for the stated time after somebody else erased it, and no longer", async () => {
  const [one, other] = [make(), make()];
  const key = freshKey();
  const sealed = (await one.forSealing(key))?.seal("x") ?? "";
  await other.erase(key, "asked for");
  now += MAX_CACHED_MS - 1;
  expect((await one.forOpening(key))?.open(sealed)).toBe("x");
  now += 1;
  expect(await one.forOpening(key)).toBeUndefined();
});

it("opens no wrapped key that was put into another session's item", async () => {
  const [key, other] = [freshKey(), freshKey()];
  await make().forSealing(key);
  const { createDynamoKeyItems } = await import("#aws/dynamo-key-items.ts");
  const items = createDynamoKeyItems(local.client, local.table);
  const kept = await items.read(key);
  if (kept === undefined || kept === "erased") throw new Error("The session has no key.");
  await items.put(other, kept.wrapped);
  await expect(make().forOpening(other)).rejects.toMatchObject({ code: "log.unavailable" });
});
