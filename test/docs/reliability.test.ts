import { describe, expect, it } from "vitest";
import { Badness } from "../../scripts/faults/app/contracts.ts";
import { Fault } from "#local/faults/injector.ts";
import { textOf } from "../architecture/source.ts";
import { tableOf } from "./pages.ts";
import { allTitles, titlesNamed } from "./titles.ts";

const PAGE = "docs/reliability.md";
const page = textOf(PAGE);

const titles = allTitles();
const commands = (
  JSON.parse(textOf("package.json")) as { readonly scripts: Readonly<Record<string, string>> }
).scripts;

describe("docs/reliability.md", () => {
  const cells = [
    ...tableOf(PAGE, "promise", "unit and property tests").flat(),
    ...tableOf(PAGE, "fault", "injected in").flat(),
  ];
  const named = cells.flatMap(titlesNamed);

  it("names tests that exist", () => {
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((title) => !titles.has(title))).toEqual([]);
  });

  it("names commands that exist", () => {
    const run = [...page.matchAll(/npm run ([a-z:-]+)/g)].map(([, name = ""]) => name);
    expect(run.length).toBeGreaterThan(8);
    expect(run.filter((name) => commands[name] === undefined)).toEqual([]);
  });

  it("has a row for each promise in docs/concepts.md", () => {
    const promises = tableOf("docs/concepts.md", "promise", "means").map(([promise]) => promise);
    const rows = tableOf(PAGE, "promise", "unit and property tests").map(([promise]) => promise);
    expect(promises.length).toBe(10);
    expect(rows).toEqual(promises);
  });

  it("explains each fault at a request, and each kind of bad agent", () => {
    expect(tableOf(PAGE, "fault", "at the request").map(([fault]) => fault)).toEqual(Object.values(Fault));
    const kinds = Object.values(Badness).filter((kind) => kind !== Badness.none);
    expect(tableOf(PAGE, "kind", "the agent's behaviour").map(([kind]) => kind)).toEqual(kinds);
  });
});
