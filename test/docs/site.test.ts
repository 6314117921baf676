import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSite } from "../../scripts/docs/build-site.ts";
import { CHAPTERS } from "../../scripts/docs/navigation.ts";
import { siteLink } from "../../scripts/docs/site-links.ts";
import { sitePage } from "../../scripts/docs/site-page.ts";
import { filesOf, ROOT } from "../architecture/source.ts";

let out: string;
let pages: readonly string[];

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "spine-site-"));
  pages = await buildSite(ROOT, out);
});
afterAll(() => rm(out, { recursive: true, force: true }));

const textOf = (page: string): string => readFileSync(join(out, page), "utf8");

describe("the site: npm run docs", () => {
  it("has every page of docs/ once", () => {
    const inDocs = filesOf("docs").filter(
      (path) => path.endsWith(".md") && !path.startsWith("docs/decisions/"),
    );
    const chapters = CHAPTERS.flatMap((chapter) => chapter.pages);
    expect(chapters.filter((path) => path.startsWith("docs/")).toSorted()).toEqual(inDocs.toSorted());
    expect(new Set(chapters).size).toBe(chapters.length);
  });

  it("refers to nothing that it has not got", () => {
    const broken = pages.flatMap((page) =>
      [...textOf(page).matchAll(/ (?:href|src)="([^"]+)"/g)].flatMap(([, link = ""]) => {
        if (/^(?:https?|mailto):/.test(link)) return [];
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? page : posix.join(posix.dirname(page), path);
        if (!existsSync(join(out, target))) return [`${page}: ${link}`];
        const isThere = anchor === undefined || textOf(target).includes(` id="${anchor}"`);
        return isThere ? [] : [`${page}: ${link}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it("loads nothing from elsewhere, and runs no script", () => {
    for (const page of pages)
      expect(textOf(page)).not.toMatch(/<script|<(?:img|link)[^>]+(?:src|href)="https?:/);
  });
});

describe("a page", () => {
  const isFolder = (path: string): boolean => path === "docs/decisions";

  it.each([
    ["docs/flows.md", "agents.md#groups", "agents.html#groups", "docs/agents.md"],
    ["docs/flows.md", "../README.md", "../index.html", "README.md"],
    ["README.md", "docs/decisions", "docs/decisions/index.html", "docs/decisions"],
    ["README.md", "docs/bench/README.md", "docs/bench/index.html", "docs/bench/README.md"],
    ["docs/a.md", "https://example.com/x.md", "https://example.com/x.md", undefined],
    ["docs/a.md", "#here", "#here", undefined],
  ])("of %s with a link to %s refers to %s", (page, link, href, target) => {
    expect(siteLink(page, link, isFolder)).toEqual(target === undefined ? { href } : { href, target });
  });

  it("shows what stands in its text, and never as HTML of its own", () => {
    const { title, html } = sitePage("docs/a.md", '# A `b` <c>\n\n`<d>` ["e"](x.md)\n', isFolder);
    expect(title).toBe("A b <c>");
    expect(html).toContain("<code>&lt;d&gt;</code>");
    expect(html).toContain('<a href="x.html">&quot;e&quot;</a>');
  });
});
