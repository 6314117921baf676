import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const UNSHOWN = "only on a real account";

interface Row {
  readonly semantic: string;
  readonly source: string;
  readonly shownBy: string;
}

/** The rows of every table in the page that has these three columns. */
const rows: readonly Row[] = readFileSync(join(root, "docs/aws-semantics.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  )
  .filter(([semantic]) => semantic !== "semantic" && !semantic?.startsWith("---"))
  .map(([semantic = "", source = "", shownBy = ""]) => ({ semantic, source, shownBy }));

/** Titles of all tests, as they are written. Titles that are computed cannot be named in the table. */
const titles = new Set(
  readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("docs"))
    .flatMap((file) => titlesIn(readFileSync(join(root, "test", file), "utf8"))),
);

function titlesIn(source: string): readonly string[] {
  // After the name of the test comes its body; a suite of cases has its title in a second pair of brackets.
  const calls = source.matchAll(/(?:\b(?:it|test)|\)|`)\(\s*(["'`])((?:\\.|(?!\1).)+)\1,/g);
  return [...calls].map(([, , title = ""]) => title.replaceAll("\\", ""));
}

const named = ({ shownBy }: Row): readonly string[] =>
  [...shownBy.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title);

describe("docs/aws-semantics.md", () => {
  test("has the three cells in each row, and no row twice", () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ source, shownBy }) => source === "" || shownBy === "")).toEqual([]);
    const semantics = rows.map(({ semantic }) => semantic);
    expect(semantics.filter((semantic, i) => semantics.indexOf(semantic) !== i)).toEqual([]);
  });

  test("names tests that exist, or says that none can", () => {
    const wrong = rows.filter((row) => {
      const tests = named(row);
      if (tests.length === 0) return row.shownBy !== UNSHOWN;
      return tests.some((title) => !titles.has(title));
    });
    expect(wrong.map(({ semantic, shownBy }) => `${semantic}: ${shownBy}`)).toEqual([]);
  });

  test("is read with an eye for titles: a made-up one is not found, a known one is", () => {
    expect(titles.size).toBeGreaterThan(200);
    expect(titles.has("shows what no test shows")).toBe(false);
    expect(titlesIn('it("does a thing", () => {});')).toEqual(["does a thing"]);
    expect(titlesIn('test.each([1])(\n  "does %i",\n  () => {});')).toEqual(["does %i"]);
  });
});
