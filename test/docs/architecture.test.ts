import { describe, expect, it } from "vitest";
import { filesOf, textOf } from "../architecture/source.ts";

const PAGES = ["docs/architecture.md", "shared/local/README.md"];
const files = filesOf();
const rooms = new Set(
  files.flatMap((path) => /^(?:shared\/[^/]+|functions|infra|scripts)(?=\/)/.exec(path) ?? []),
);

/** What a page names in the way of code: files and folders. */
const namedIn = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/`([\w./-]+(?:\.ts|\/))`/g)].flatMap(([, named]) => named ?? []);

const exists = (named: string): boolean =>
  named.endsWith("/")
    ? files.some((path) => path.includes(`/${named}`) || path.startsWith(named))
    : files.some((path) => path === named || path.endsWith(`/${named}`));

describe.each(PAGES)("%s", (page) => {
  it("names existing files and folders", () => {
    const named = namedIn(page);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((one) => !exists(one))).toEqual([]);
  });
});

describe("the page on the architecture", () => {
  it("has a row for every room", () => {
    const text = textOf("docs/architecture.md");
    const missing = [...rooms].filter((room) => !text.includes(`\`${room}\``));
    expect(missing).toEqual([]);
  });
});
