import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Buffer } from "node:buffer";
import { afterEach, describe, expect, it } from "vitest";
import { readFolder } from "#local/check-log/read-folder.ts";
import { startDynalite } from "#local/dynamodb/dynalite-store.ts";
import { createFolderObjects } from "#local/s3/object-store.ts";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { putApart } from "#aws/dynamo/text-apart.ts";
import { parseSessionKey } from "#core/ids.ts";
import { MAX_COMMIT_BYTES } from "#core/session/limits.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { LOG_TABLE_KEYS } from "../../support/log-table-keys.ts";

const KEY = parseSessionKey({ tenant: "t", session: "s" });
const FLOW = '{"name":"visit"}';
const SMALL = '{"small":true}';
const LARGE = JSON.stringify({ large: "x".repeat(MAX_COMMIT_BYTES) });

describe("the folder of a local spine", () => {
  const folder = mkdtempSync(join(tmpdir(), "spine-folder-"));
  const objects = createFolderObjects(join(folder, "objects", "blobs"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function write() {
    const blobs = {
      put: (key: string, text: string) =>
        objects.put(key, { body: Buffer.from(text), headers: {}, lastModified: "" }),
      get: () => Promise.resolve(undefined),
      link: () => Promise.resolve(""),
    };
    const apart = await putApart({ blobs, digest: createNodeDigest() }, "t/s", LARGE);
    const store = await startDynalite(join(folder, "tables"));
    await store.call("CreateTable", {
      TableName: "log",
      BillingMode: "PAY_PER_REQUEST",
      ...LOG_TABLE_KEYS,
    });
    const status = async () => (await store.call("DescribeTable", { TableName: "log" })).body["Table"];
    await expect.poll(status).toMatchObject({ TableStatus: "ACTIVE" });
    for (const Item of [
      commitItem(KEY, { first: 1, last: 1, text: SMALL, snapshot: false }),
      { ...commitItem(KEY, { first: 2, last: 2, text: "", snapshot: false }), ...apart },
      { pk: { S: "#flow/h" }, sk: { N: "0" }, kind: { S: "flow" }, text: { S: FLOW } },
    ])
      // As the wire carries it: bytes in base64.
      expect(
        await store.call("PutItem", { TableName: "log", Item: JSON.parse(JSON.stringify(Item, bytes)) }),
      ).toMatchObject({ status: 200 });
    await store.stop();
  }

  it("gives each commit its text, even one that is stored outside the table, and the flows", async () => {
    await write();
    expect(await readFolder(folder)).toEqual({
      sessions: [{ ...KEY, commits: [SMALL, LARGE] }],
      sent: [],
      flows: [FLOW],
    });
  });

  it("names the missing text", async () => {
    await write();
    rmSync(join(folder, "objects"), { recursive: true });
    await expect(readFolder(folder)).rejects.toThrow(
      /^The text of an item of the log, commits\/t\/s\/.*, is missing\.$/,
    );
  });
});

function bytes(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("type" in value) || !("data" in value)) return value;
  return value.type === "Buffer" ? Buffer.from(value.data as number[]).toString("base64") : value; // Buffer's own form
}
