import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { allTitles, titlesIn, titlesNamed } from "./titles.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const UNSHOWN = "only on a real account";
/** Of what AWS promises, and no caller can break. */
const UNBREAKABLE = "nothing of ours breaks it";

interface Row {
  readonly semantic: string;
  readonly source: string;
  readonly shownBy: string;
  /** What the stand-in does when we break the rule, and the test that breaks it. */
  readonly broken: string;
}

/** The rows of every table in the page that has these four columns. */
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
  .map(([semantic = "", source = "", shownBy = "", broken = ""]) => ({ semantic, source, shownBy, broken }));

const titles = allTitles();
const named = titlesNamed;

describe("docs/aws-semantics.md", () => {
  test("has four cells in each row, and no row twice", () => {
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((row) => Object.values(row).includes(""))).toEqual([]);
    const semantics = rows.map(({ semantic }) => semantic);
    expect(semantics.filter((semantic, i) => semantics.indexOf(semantic) !== i)).toEqual([]);
  });

  test("names tests that exist, or says that none can", () => {
    const wrong = rows.filter(({ shownBy }) => {
      const tests = named(shownBy);
      return tests.length === 0 ? shownBy !== UNSHOWN : tests.some((title) => !titles.has(title));
    });
    expect(wrong.map(({ semantic, shownBy }) => `${semantic}: ${shownBy}`)).toEqual([]);
  });

  test("says for each rule what the stand-in does when it is broken, and names the test that breaks it", () => {
    const wrong = rows.filter(({ broken }) => {
      if (broken === UNSHOWN || broken === UNBREAKABLE) return false;
      const [deed = "", ...tests] = broken.split(/: (?=")/);
      return deed.startsWith('"') || tests.length !== 1 || named(broken).some((title) => !titles.has(title));
    });
    expect(wrong.map(({ semantic, broken }) => `${semantic}: ${broken}`)).toEqual([]);
    expect(rows.filter(({ broken }) => named(broken).length > 0).length).toBeGreaterThan(40);
  });

  test("is checked against real titles: an invented one is not found, a known one is", () => {
    expect(titles.size).toBeGreaterThan(200);
    expect(titles.has("shows what no test shows")).toBe(false);
    expect(titlesIn('it("does a thing", () => {});')).toEqual(["does a thing"]);
    expect(titlesIn('test.each([1])(\n  "does %i",\n  () => {});')).toEqual(["does %i"]);
  });
});
