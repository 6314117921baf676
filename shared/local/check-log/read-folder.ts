import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { startDynalite, type DynaliteStore } from "../dynamodb/dynalite-store.ts";
import { createFolderObjects } from "../s3/object-store.ts";
import { findRunning } from "#client/running-file.ts";
import { ItemKind, TableAttribute } from "#aws/names.ts";
import { unpackText } from "#aws/dynamo/commit-codec.ts";
import { itemOfJson, readCommitRef, readCommitText } from "#aws/dynamo/log-items.ts";
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
    const contents = await Promise.all(TableNames.map((name) => contentOf(store, name, apart)));
    return {
      sessions: sessionsOf(contents.flatMap(({ commits }) => commits)),
      sent: [],
      flows: contents.flatMap(({ flows }) => flows),
    };
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

interface Content {
  readonly commits: readonly StreamRecord[];
  readonly flows: readonly string[];
}

async function contentOf(store: DynaliteStore, table: string, apart: TextsApart): Promise<Content> {
  const commits: StreamRecord[] = [];
  const flows: string[] = [];
  let start: unknown;
  do {
    const read = page.parse(
      await answer(store, "Scan", {
        TableName: table,
        FilterExpression: "#kind IN (:commit, :flow)",
        ExpressionAttributeNames: { "#kind": TableAttribute.kind },
        ExpressionAttributeValues: { ":commit": { S: ItemKind.commit }, ":flow": { S: ItemKind.flow } },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    for (const item of read.Items.map(itemOfJson)) {
      const text = isTextApart(item) ? await getApart(apart, item) : unpackText(item);
      if (item[TableAttribute.kind]?.S === ItemKind.flow) flows.push(text);
      else commits.push({ ...readCommitRef(item), commit: readCommitText(item, text) });
    }
    start = read.LastEvaluatedKey;
  } while (start !== undefined);
  return { commits, flows };
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
