import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { startDynalite, type DynaliteStore } from "../local/dynamodb/dynalite-store.ts";
import { findRunning } from "../spine/running-file.ts";
import type { LogDump } from "./dump.ts";

const tables = z.object({ TableNames: z.array(z.string()) });
const text = z.object({ S: z.string() });
const commitItem = z.object({ pk: text, sk: z.object({ N: z.string() }), text });
const page = z.object({
  Items: z.array(commitItem),
  LastEvaluatedKey: z.record(z.string(), z.unknown()).optional(),
});

/** Reads the log in a folder that `npm start -- --data DIR` keeps; nobody wrote down what was sent. */
export async function readFolder(folder: string): Promise<LogDump> {
  const path = join(folder, "tables");
  if (!existsSync(path)) throw new Error("the folder holds no tables");
  if (isInUse(folder)) throw new Error("the folder is locked");
  const store = await startDynalite(path);
  try {
    const { TableNames } = tables.parse(await answer(store, "ListTables", {}));
    const items = (await Promise.all(TableNames.map((name) => commitsIn(store, name)))).flat();
    return { sessions: sessionsOf(items), sent: [] };
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

async function commitsIn(
  store: DynaliteStore,
  table: string,
): Promise<readonly z.infer<typeof commitItem>[]> {
  const items: z.infer<typeof commitItem>[] = [];
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
    items.push(...read.Items);
    start = read.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

async function answer(store: DynaliteStore, operation: string, input: object): Promise<unknown> {
  const { status, body } = await store.call(operation, { ...input });
  if (status === 200) return body;
  throw new Error(`${operation}: ${JSON.stringify(body)}`);
}

function sessionsOf(items: readonly z.infer<typeof commitItem>[]): LogDump["sessions"] {
  const sessions = new Map<string, string[]>();
  for (const { pk, text: commit } of items.toSorted((a, b) => Number(a.sk.N) - Number(b.sk.N)))
    sessions.set(pk.S, [...(sessions.get(pk.S) ?? []), commit.S]);
  return [...sessions].map(([name, commits]) => {
    const [tenant = "", session = ""] = name.split("/");
    return { tenant, session, commits };
  });
}
