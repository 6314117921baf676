import { parseSessionKey } from "#core/ids.ts";
import { openSqliteSessionLog } from "#sqlite/sqlite-session-log.ts";

// Run as a process of its own by kill.test.ts: three writers, each prints a commit once it is acknowledged.
const log = openSqliteSessionLog(process.argv[2] ?? "");

async function write(session: string): Promise<never> {
  const key = parseSessionKey({ tenant: "tenant", session });
  for (let first = (await log.readTail(key)).length + 1; ; first += 1) {
    const commit = { first, last: first, text: `${session} ${first}`.repeat(100), snapshot: false };
    const result = await log.append(key, commit);
    process.stdout.write(`${result === "conflict" ? result : "committed"} ${session} ${first}\n`);
  }
}

await Promise.all(["a", "b", "c"].map(write));
