import { describe, expect, it } from "vitest";
import { ENTRIES } from "../../scripts/build/package-files.ts";
import { filesOf, textOf } from "../architecture/source.ts";
import { tableOf } from "./pages.ts";

const PAGE = "docs/adapters.md";

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

describe("docs/adapters.md", () => {
  it("names the versions that the conformance suite installs", () => {
    const { devDependencies } = JSON.parse(textOf("test/adapters/package.json")) as Manifest;
    const rows = tableOf(PAGE, "adapter", "proven with", "version");
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter(([, name = "", version]) => devDependencies[name] !== version)).toEqual([]);
  });

  it("lists every adapter that the package exports, each with a page", () => {
    const { exports } = JSON.parse(textOf("package.json")) as Manifest;
    const rows = tableOf(PAGE, "page", "adapts", "import");
    const entries = Object.keys(ENTRIES).filter((entry) => entry.startsWith("./adapters/"));
    expect(rows.map(([, , name]) => name?.replace("event-spine", ".")).toSorted()).toEqual(
      entries.toSorted(),
    );
    expect(entries.filter((entry) => !(entry in exports))).toEqual([]);
    const pages = entries.map((entry) => `docs${entry.slice(1)}.md`);
    expect(filesOf("docs/adapters").toSorted()).toEqual(pages.toSorted());
  });
});

describe("the package of the conformance suite", () => {
  it("is pinned, and its lock file names no host", () => {
    const { devDependencies } = JSON.parse(textOf("test/adapters/package.json")) as Manifest;
    expect(Object.values(devDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(textOf("test/adapters/package-lock.json")).not.toContain("://registry");
    expect(textOf("test/adapters/package-lock.json")).not.toContain('"resolved"');
  });
});
