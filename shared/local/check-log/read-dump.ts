import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { FLOWS } from "#sqlite/keys.ts";
import { logDump } from "./dump.ts";
import type { LogDump } from "./dump.ts";

const REPAIR =
  "Give a file that `npm run replay -- DIR --dump FILE`, or a folder that `npm start -- --data DIR` wrote";
const UNLOCK = "Stop the `npm start` that writes it, because it locks the file";
const SQLITE = Buffer.from("SQLite format 3\0");

/**
 * Reads a replay's dump, a local spine's folder, or the SQLite file of a durable log; in the latter two nobody wrote down
 * what was sent. The error of an unusable file names the field, the problem and the repair.
 */
export async function readDump(file: string): Promise<LogDump> {
  try {
    if (statSync(file).isDirectory()) {
      // The stand-in for DynamoDB is loaded only where it is needed.
      const { readFolder } = await import("./read-folder.ts");
      return await readFolder(file);
    }
    return startsWith(file, SQLITE) ? await readDatabase(file) : readJson(file);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${file}: ${problem}. ${problem.includes("locked") ? UNLOCK : REPAIR}.`, { cause });
  }
}

function startsWith(file: string, start: Buffer): boolean {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(start.length);
    readSync(descriptor, bytes, 0, bytes.length, 0);
    return bytes.equals(start);
  } finally {
    closeSync(descriptor);
  }
}

function readJson(file: string): LogDump {
  const parsed = logDump.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join(".") ?? "the file"}: ${issue?.message ?? "has another format"}`);
}

async function readDatabase(file: string): Promise<LogDump> {
  // Loaded only where it is needed: Node warns that it is experimental.
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database
      .prepare("SELECT tenant, session, text FROM commits ORDER BY tenant, session, first")
      .all();
    const sessions: LogDump["sessions"] = [];
    for (const row of rows) {
      const [tenant, session, text] = [row["tenant"], row["session"], row["text"]].map(String);
      if (tenant === undefined || session === undefined || text === undefined) continue;
      const last = sessions.at(-1);
      if (last?.tenant === tenant && last.session === session) last.commits.push(text);
      else sessions.push({ tenant, session, commits: [text] });
    }
    const flows = database
      .prepare("SELECT text FROM blobs WHERE substr(key, 1, length(?1)) = ?1")
      .all(FLOWS)
      .map((row) => String(row["text"]));
    return { sessions, sent: [], flows };
  } finally {
    database.close();
  }
}
