import { Fault } from "#local/faults/injector.ts";
import type { Sweep } from "./sweep.ts";
import type { StrikeResult } from "./strike.ts";

const FAULTS = Object.values(Fault);

/** A row for each operation of each function: how many of the faults that struck ended as they must. */
export function crashTable({ failpoints, results }: Sweep): string {
  const rows = new Map<string, StrikeResult[]>();
  for (const result of results) {
    const name = `${result.failpoint.functionName}  ${result.failpoint.operation}`;
    rows.set(name, [...(rows.get(name) ?? []), result]);
  }
  const cells = [...rows].map(([name, own]) => [
    name,
    String(new Set(own.map(({ failpoint }) => JSON.stringify(failpoint))).size),
    ...FAULTS.map((fault) => share(own.filter((each) => each.fault === fault))),
    String(own.filter(({ inDoubt }) => inDoubt).length),
    String(own.filter(({ struck }) => !struck).length),
  ]);
  const head = ["function  operation", "requests", ...FAULTS, "in doubt", "not reached"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2),
      )
      .join("");
  const struck = results.filter((each) => each.struck);
  return [
    `The calm conversation makes ${failpoints} requests. A cell says how many of those that were struck ended as they must:`,
    "with the state, reply and outcomes of the calm conversation and with one booking, even where the effect was in doubt and the calendar was asked.",
    "",
    line(head),
    ...cells.map(line),
    "",
    `together: ${share(struck)} of ${results.length} strikes; ${struck.filter(({ inDoubt }) => inDoubt).length} in doubt, ${results.length - struck.length} not reached`,
  ].join("\n");
}

/** What was not reached says nothing of faults, but it must have ended well too. */
function share(results: readonly StrikeResult[]): string {
  const struck = results.filter((each) => each.struck);
  if (struck.length === 0) return "-";
  return `${struck.filter(({ problems }) => problems.length === 0).length}/${struck.length}`;
}
