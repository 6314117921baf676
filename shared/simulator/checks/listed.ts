import { summarize, type Summary } from "#core/session/summary/summary.ts";
import type { WorldResult } from "../sim-world.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** When nothing is on its way any more, the list of sessions tells of each what its whole log says; of one that has ended, nothing. */
export function checkListed(
  { record, commits }: History,
  { rows, quiet }: Pick<WorldResult, "rows" | "quiet">,
  report: Report,
): void {
  if (!quiet) return;
  const row = rows.find(({ key }) => key.session === record.key)?.row;
  const told = commits.reduce<Summary | undefined>(summarize, undefined)?.row;
  const meant = record.expiredAt === undefined ? told : undefined;
  if (JSON.stringify(row) === JSON.stringify(meant)) return;
  report(
    "Rebuildable",
    "a session's row is what its log says",
    `it is ${JSON.stringify(row)}, and not ${JSON.stringify(meant)}`,
  );
}
