import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { startDynalite, type DynaliteStore } from "../dynamodb/dynalite-store.ts";
import { createFolderObjects } from "../s3/object-store.ts";
import { findRunning } from "#client/running-file.ts";
import { itemOfJson, readCommitRef, readCommitText, readStreamImage } from "#aws/dynamo/log-items.ts";
import { getApart, isTextApart, type TextsApart } from "#aws/dynamo/text-apart.ts";
import { sessionKeyText } from "#core/ids.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { StreamRecord } from "#ports/session-log.ts";
import type { LogDump, StoredSession } from "./dump.ts";

const tables = z.object({ TableNames: z.array(z.string()) });
const page = z.object({
  Items: z.array(z.record(z.string(), z.record(z.string(), z.unknown()))),
  LastEvaluatedKey: z.record(z.string(), z.unknown()).optional(),
});

/** Reads the log in a folder that `npm start -- --data DIR` keeps; nobody wrote down what was sent. */
export async function readFolder(folder: string): Promise<LogDump> {
  const path = join(folder, "tables");
  if (!existsSync(path)) throw new Error("the folder contains no tables");
  if (isInUse(folder)) throw new Error("the folder is locked");
  const apart = { blobs: blobsIn(join(folder, "objects")), digest: createNodeDigest() };
  const store = await startDynalite(path);
  try {
    const { TableNames } = tables.parse(await answer(store, "ListTables", {}));
    const commits = (await Promise.all(TableNames.map((name) => commitsIn(store, name, apart)))).flat();
    return { sessions: sessionsOf(commits), sent: [] };
  } finally {
    await store.stop();
  }
}

function isInUse(folder: string): boolean {
  try {
    return findRunning(folder).pid > 0;
  } catch {
    return false;
  }
}

/** Of all buckets: a blob's key is its own, whichever bucket it is in. */
function blobsIn(folder: string): TextsApart["blobs"] {
  const buckets = existsSync(folder)
    ? readdirSync(folder).map((name) => createFolderObjects(join(folder, name)))
    : [];
  return {
    async get(key) {
      const found = await Promise.all(buckets.map((bucket) => bucket.get(key)));
      return found.find((object) => object !== undefined)?.body.toString("utf8");
    },
  };
}

async function commitsIn(
  store: DynaliteStore,
  table: string,
  apart: TextsApart,
): Promise<readonly StreamRecord[]> {
  const commits: StreamRecord[] = [];
  let start: unknown;
  do {
    const read = page.parse(
      await answer(store, "Scan", {
        TableName: table,
        FilterExpression: "#kind = :commit",
        ExpressionAttributeNames: { "#kind": "kind" },
        ExpressionAttributeValues: { ":commit": { S: "commit" } },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    for (const item of read.Items.map(itemOfJson)) {
      const record = isTextApart(item)
        ? { ...readCommitRef(item), commit: readCommitText(item, await getApart(apart, item)) }
        : readStreamImage(item);
      commits.push(record);
    }
    start = read.LastEvaluatedKey;
  } while (start !== undefined);
  return commits;
}

async function answer(store: DynaliteStore, operation: string, input: object): Promise<unknown> {
  const { status, body } = await store.call(operation, { ...input });
  if (status === 200) return body;
  throw new Error(`${operation}: ${JSON.stringify(body)}`);
}

function sessionsOf(commits: readonly StreamRecord[]): LogDump["sessions"] {
  const sessions = new Map<string, StoredSession>();
  for (const { tenant, session, commit } of commits.toSorted((a, b) => a.commit.first - b.commit.first)) {
    const name = sessionKeyText({ tenant, session });
    const own = sessions.get(name) ?? { tenant, session, commits: [] };
    own.commits.push(commit.text);
    sessions.set(name, own);
  }
  return [...sessions.values()];
}
