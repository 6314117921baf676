import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TESTS = fileURLToPath(new URL("..", import.meta.url));

/** Titles of tests as a source writes them. Titles that are computed cannot be named on a page. */
export function titlesIn(source: string): readonly string[] {
  // After the name of the test comes its body or its options; a suite of cases has its title in a second pair of brackets.
  const calls = source.matchAll(/(?:\b(?:it|test)|\)|`)\(\s*(["'`])((?:\\.|(?!\1).)+)\1,/g);
  return [...calls].map(([, , title = ""]) => title.replaceAll("\\", ""));
}

/** Titles of all tests, but for those of pages. */
export const allTitles = (): ReadonlySet<string> =>
  new Set(
    readdirSync(TESTS, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.startsWith("docs"))
      .flatMap((file) => titlesIn(readFileSync(join(TESTS, file), "utf8"))),
  );

/** The titles that a cell of a table names. */
export const titlesNamed = (cell: string): readonly string[] =>
  [...cell.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title);
