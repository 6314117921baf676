import { describe, expect, it } from "vitest";
import { textOf } from "../architecture/source.ts";
import { tableOf } from "./pages.ts";
import { allTitles, titlesNamed } from "./titles.ts";

const PAGE = "docs/security.md";

describe(PAGE, () => {
  it("names the mitigation of each threat, and a test that tries it", () => {
    const threats = tableOf(PAGE, "threat", "mitigation", "tried by");
    expect(threats.length).toBeGreaterThanOrEqual(20);
    const titles = allTitles();
    const wrong = threats.filter(([, held = "", tried = ""]) => {
      const named = titlesNamed(tried);
      return held === "" || named.length === 0 || named.some((title) => !titles.has(title));
    });
    expect(wrong).toEqual([]);
  });

  it("lists the licences of everything that is installed with the package", () => {
    const { packages } = JSON.parse(textOf("package-lock.json")) as {
      readonly packages: Readonly<
        Record<string, { readonly license?: string; readonly dev?: boolean; readonly link?: boolean }>
      >;
    };
    const licences = new Set(
      Object.entries(packages).flatMap(([path, { license = "none", dev = false, link = false }]) =>
        path === "" || dev || link ? [] : [license],
      ),
    );
    expect([...licences].toSorted()).toEqual(["0BSD", "Apache-2.0", "MIT"]);
    const line = textOf(PAGE).split("## Licences")[1] ?? "";
    for (const licence of licences) if (!licence.startsWith("(")) expect(line).toContain(licence);
  });
});
