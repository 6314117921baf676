import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RightsReport } from "./rights-record.ts";

/** Names a folder in which every local runtime leaves the report of its rights when it is stopped. */
export const RIGHTS_FOLDER = "SPINE_RIGHTS_FOLDER";

export function keepReport(report: RightsReport): void {
  const folder = process.env[RIGHTS_FOLDER];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(report));
}

/** The reports that were left in a folder. */
export const readReports = (folder: string): readonly RightsReport[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    // Written above.
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as RightsReport);
