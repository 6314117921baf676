import { textOf } from "../architecture/source.ts";

export interface Block {
  /** `ts`, `diff`, `sh` … */
  readonly language: string;
  readonly title: string | undefined;
  readonly text: string;
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): readonly Block[] {
  return [...textOf(page).matchAll(/^```(\w+)(?: title="([^"]+)")?\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", title, text = ""]) => ({ language, title, text }),
  );
}

/** Rows of the table with these first headings, as cells without their backticks. */
export function tableOf(page: string, ...headings: readonly string[]): readonly (readonly string[])[] {
  const lines = textOf(page).split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${headings.join(" | ")} |`));
  if (start < 0) throw new Error(`${page} has no table of ${headings.join(", ")}.`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
  );
}
