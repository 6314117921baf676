import { parseArgs } from "node:util";
import { checkLog } from "#local/check-log/check-log.ts";
import { print, say } from "#client/printable.ts";
import { readDump } from "#local/check-log/read-dump.ts";

/*
 * node scripts/check-log.ts FILE [--json]: holds a stored log against itself and against what its producers sent.
 * Exit code 0 without findings, 1 with some, 2 if the file cannot be used.
 */

try {
  const { values, positionals } = parseArgs({
    options: { json: { type: "boolean" } },
    allowPositionals: true,
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0)
    throw new Error("FILE: expected one file. Give the file that `npm run replay -- DIR --dump FILE` wrote.");
  const { findings, ...counts } = checkLog(await readDump(file));
  if (!values.json) for (const { type, session, text } of findings) print(`${type}: ${session}: ${text}`);
  print(
    values.json
      ? JSON.stringify(counts)
      : `${counts.sessions} sessions, ${counts.events} events: ` +
          `${counts.gaps} gaps, ${counts.duplicates} duplicates applied, ${counts.lost} lost`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
} catch (error) {
  say(`check-log: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
