import { KMSClient } from "@aws-sdk/client-kms";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKmsSessionKeys } from "#aws/kms/kms-session-keys.ts";
import { MAX_CACHED_MS } from "#ports/secrets.ts";
import type { LoopbackServer } from "#local/http/loopback-server.ts";
import { serveKms } from "#local/kms/kms-endpoint.ts";
import { startLocalTable, type LocalTable } from "../../aws/local-table.ts";
import { allowAll } from "../../local/fixture/allow-all.ts";
import { freshKey } from "../session-log.ts";
import { describeSessionKeys, opening, PLACE } from "../session-keys.ts";

const ARN = "arn:aws:kms:us-east-1:000000000000:key/wrapping";
const ANOTHER = "arn:aws:kms:us-east-1:000000000000:key/another";
let local: LocalTable;
let server: LoopbackServer;
let kms: KMSClient;
let now = 1_800_000_000_000;

beforeAll(async () => {
  local = await startLocalTable();
  server = await serveKms(
    [ARN, ANOTHER].map((arn) => ({ arn, material: randomBytes(32) })),
    allowAll(),
  );
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

const make = (wrappingKey = ARN) =>
  createKmsSessionKeys({
    ...connection(),
    wrappingKey,
    clock: { now: () => now },
  });

const connection = () => ({ dynamo: local.client, kms, table: local.table });

describeSessionKeys("KMS and DynamoDB, emulated", () =>
  Promise.resolve({ keys: make(), anew: () => make() }),
);

it("keeps working with a cached key for the stated time after another process erased it, and no longer", async () => {
  const [one, other] = [make(), make()];
  const key = freshKey();
  const sealed = (await one.forSealing(key))?.seal("x", PLACE) ?? "";
  await other.erase(key, "asked for");
  now += MAX_CACHED_MS - 1;
  expect((await opening(one, key))?.open(sealed, PLACE)).toBe("x");
  now += 1;
  expect(await one.forOpening(key)).toBe("erased");
});

it("opens no wrapped key from another session's item", async () => {
  const [key, other] = [freshKey(), freshKey()];
  await make().forSealing(key);
  const { createDynamoKeyItems } = await import("#aws/dynamo/dynamo-key-items.ts");
  const items = createDynamoKeyItems(local.client, local.table);
  const kept = await items.read(key);
  if (kept === undefined || kept === "erased") throw new Error("The session has no key.");
  await items.put(other, kept);
  await expect(make().forOpening(other)).rejects.toMatchObject({ code: "log.unavailable" });
});

it.each([
  ["wraps with another key since", () => make(ANOTHER)],
  ["wraps no keys any more", () => createKmsSessionKeys({ ...connection(), clock: { now: () => now } })],
])("opens values sealed before, when the spine %s", async (_what, later) => {
  const key = freshKey();
  const sealed = (await make().forSealing(key))?.seal("x", PLACE) ?? "";
  expect((await opening(later(), key))?.open(sealed, PLACE)).toBe("x");
  // A session keeps the key that it has.
  const again = (await later().forSealing(key))?.seal("y", PLACE) ?? "";
  expect((await opening(make(), key))?.open(again, PLACE)).toBe("y");
});

it("opens a key from before the wrapping key was recorded", async () => {
  const { createDynamoKeyItems } = await import("#aws/dynamo/dynamo-key-items.ts");
  const items = createDynamoKeyItems(local.client, local.table);
  const [key, copy] = [freshKey(), freshKey()];
  const sealed = (await make().forSealing(key))?.seal("x", PLACE) ?? "";
  const kept = await items.read(key);
  if (kept === undefined || kept === "erased") throw new Error("The session has no key.");
  expect(kept.wrappedBy).toBe(ARN);
  await items.remove(key);
  await items.put(key, { wrapped: kept.wrapped });
  expect((await opening(make(ANOTHER), key))?.open(sealed, PLACE)).toBe("x");
  // Named wrongly it is refused, as KMS refuses it.
  await items.put(copy, { ...kept, wrappedBy: ANOTHER });
  await expect(make().forOpening(copy)).rejects.toMatchObject({
    cause: { name: "IncorrectKeyException" },
  });
});

it("reports a missing wrapping key when a key must be created", async () => {
  const keys = createKmsSessionKeys({ ...connection(), clock: { now: () => now } });
  await expect(keys.forSealing(freshKey())).rejects.toMatchObject({ code: "internal" });
});
