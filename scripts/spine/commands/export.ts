import { writeFile } from "node:fs/promises";
import { TargetError, UsageError } from "#client/usage-error.ts";
import { defineCommand } from "../command.ts";

/** Writes a session's log to a file that can be decided again elsewhere. */
export const exportSession = defineCommand({
  name: "export",
  usage: "SESSION --out FILE [--with-personal]",
  about: "writes a session's log to a file, for replay-check; without its personal values, unless asked for",
  positionals: { required: ["SESSION"] },
  options: { out: { type: "string" }, "with-personal": { type: "boolean" } },
  prepare({ out, "with-personal": withPersonal = false }, [session = ""]) {
    if (out === undefined || out.trim() === "")
      throw new UsageError("--out: is missing. Give the file to write, such as --out session.json.");
    return async ({ client, print }) => {
      const recorded = await client.recorded(session, { withPersonal });
      try {
        await writeFile(out, `${JSON.stringify(recorded)}\n`);
      } catch (cause) {
        const problem = cause instanceof Error ? cause.message : String(cause);
        throw new TargetError(`--out: ${problem}. Give a file in a folder that exists.`, { cause });
      }
      const { commits } = recorded;
      const values = recorded.redacted ? "without personal values" : "with its personal values";
      print(`Wrote ${out}: ${commits.at(-1)?.last ?? 0} events in ${commits.length} commits, ${values}.`);
    };
  },
});
