import { printable } from "#client/printable.ts";
import type { Writers } from "#core/session/explain-decision.ts";

/** Rows as indented lines, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd());
}

/** Who wrote a value. */
export function writerText(writers: Writers, sequence: number): string {
  if (sequence === 0) return "by no event";
  const writer = writers[sequence];
  return writer === undefined ? `event ${sequence}` : `event ${sequence}, ${writer.type} of ${writer.source}`;
}
