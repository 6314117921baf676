import { readFileSync } from "node:fs";
import { logDump } from "./dump.ts";
import type { LogDump } from "./dump.ts";

/** Reads a dump. The error of an unusable file names the field, the problem and the repair. */
export function readDump(file: string): LogDump {
  const repair = "Give a file that `npm run replay -- DIR --dump FILE` wrote";
  const refuse = (problem: string, cause: unknown) => new Error(`${file}: ${problem}. ${repair}.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw refuse(`cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const parsed = logDump.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(
    `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "has another form"}`,
    parsed.error,
  );
}
