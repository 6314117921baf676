import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { tableOf } from "../docs/pages.ts";
import { filesOf, textOf } from "./source.ts";

const CONCEPTS = "docs/concepts.md";
const files = filesOf();
const sources = files.filter((path) => /\.tsx?$/.test(path));
/** The changelog tells what was; the page of words and this test name what is retired. */
const NAMING = new Set(["CHANGELOG.md", CONCEPTS, "test/architecture/words.test.ts"]);
const read = files.filter((path) => /\.(?:tsx?|md|mjs)$/.test(path) && !NAMING.has(path));

/** A text's words: those of an identifier one by one, and itself. */
const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(
    (text.match(/[A-Za-z]+/g) ?? []).flatMap((name) => [
      name.toLowerCase(),
      ...(name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).map((part) => part.toLowerCase()),
    ]),
  );

/** What is stored or sent has an older word, and a Promise settles. */
const OLDER =
  /\bDoubtSettled\b|\bsettleAt\b|\bsettles\b|"settled"|`settled`|\btask\.settled\b|\ballSettled\b/g;

describe("words", () => {
  const retired = tableOf(CONCEPTS, "retired", "say").map(([word = ""]) => word.toLowerCase());

  it("that are retired occur in no source, page or test title", () => {
    expect(retired.length).toBeGreaterThan(10);
    const found = read.flatMap((path) => {
      const words = wordsOf(textOf(path));
      return retired.filter((word) => words.has(word)).map((word) => `${path}: ${word}`);
    });
    expect(found).toEqual([]);
  });

  it("are found inside identifiers too", () => {
    expect(wordsOf("const buriedSessions = MISDEED_KINDS;")).toContain("buried");
    expect(wordsOf("const buriedSessions = MISDEED_KINDS;")).toContain("misdeed");
    expect(wordsOf("export type NoGo = 1;")).toContain("nogo");
  });

  it("name one type each: a verdict is the result of decide for an input", () => {
    const named = sources.flatMap((path) =>
      [...textOf(path).matchAll(/^(?:export )?(?:type|interface) (\w*Verdict)\b/gm)].map(
        ([, name = ""]) => `${path}: ${name}`,
      ),
    );
    expect(named).toEqual(["shared/core/session/decide/verdict.ts: Verdict"]);
  });

  it("name for a place what stands in a plan, and nothing else", () => {
    const declared = /^(?:export )?(?:async )?(?:type|interface|class|function\*?|const) (\w+)/gm;
    // Mutations name the file of plans' places.
    const ofPlans = /^shared\/(?:core\/(?:flow|session\/(?:decide\/|places\.ts))|simulator\/mutations)/;
    const found = sources
      .filter((path) => !/^(?:test|docs)\//.test(path) && !ofPlans.test(path))
      .flatMap((path) =>
        [...textOf(path).matchAll(declared)].flatMap(([, name = ""]) =>
          ["place", "places", "placed"].some((word) => wordsOf(name).has(word)) ? [`${path}: ${name}`] : [],
        ),
      );
    expect(found).toEqual([]);
    expect(wordsOf("readCommitPlace")).toContain("place");
  });

  it("include advance, end and resolve, which replace settle in the engine", () => {
    const engine = read.filter((path) => /^(?:shared\/(?:core|runtime)|functions|docs)\//.test(path));
    const found = engine.filter((path) => /settl/i.test(textOf(path).replace(OLDER, "")));
    expect(found).toEqual([]);
  });
});

describe("files", () => {
  /** A function's entry, a room's door, and what tools look for by name. */
  const ANY_ROOM = new Set(["handler.ts", "index.ts"]);
  const rooms = sources.filter(
    (path) => /^(?:shared|functions|infra)\//.test(path) && !ANY_ROOM.has(posix.basename(path)),
  );

  it("of shared, functions and infra have unique names", () => {
    expect(rooms.length).toBeGreaterThan(300);
    const names = rooms.map((path) => posix.basename(path));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});
