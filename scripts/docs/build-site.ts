import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { escaped } from "../pages/escaped.ts";
import { CHAPTERS, FOLDERS } from "./navigation.ts";
import { siteHtml, STYLE, type NavigationChapter } from "./site-layout.ts";
import { siteOf } from "./site-links.ts";
import { sitePage, type SitePage } from "./site-page.ts";

/** Pages whose titles are longer than a line of the navigation. */
const SHORT: Readonly<Record<string, string>> = { "README.md": "Event Spine" };

/** Writes the site of a repository's pages to a folder, which is emptied first. Returns the pages' paths on the site. */
export async function buildSite(root: string, out: string): Promise<readonly string[]> {
  const isFolder = (path: string): boolean => {
    const whole = join(root, path);
    return existsSync(whole) && statSync(whole).isDirectory();
  };
  const decisions = await Promise.all(FOLDERS.map(async ({ folder }) => pagesIn(root, folder)));
  const paths = [...CHAPTERS.flatMap(({ pages }) => pages), ...decisions.flat()];
  const pages = new Map<string, SitePage>();
  for (const path of paths)
    pages.set(path, sitePage(path, await readFile(join(root, path), "utf8"), isFolder));

  const titled = (path: string) => ({
    title: SHORT[path] ?? pages.get(path)?.title ?? path,
    at: siteOf(path),
  });
  const chapters: readonly NavigationChapter[] = [
    ...CHAPTERS.map((chapter) => ({ title: chapter.title, entries: chapter.pages.map(titled) })),
    {
      title: "Why",
      entries: FOLDERS.map(({ title, folder }) => ({ title, at: `${folder}/index.html` })),
    },
  ];
  await rm(out, { recursive: true, force: true });
  const write = async (at: string, text: string): Promise<void> => {
    await mkdir(dirname(join(out, at)), { recursive: true });
    await writeFile(join(out, at), text);
  };
  await write("style.css", STYLE);
  const written: string[] = [];
  const put = async (at: string, title: string, html: string): Promise<void> => {
    await write(at, siteHtml({ at, title, html }, chapters));
    written.push(at);
  };
  for (const [path, { html }] of pages) await put(siteOf(path), titled(path).title, html);
  const targets = new Set([...pages.values()].flatMap((page) => page.targets));
  for (const { folder } of FOLDERS) targets.add(folder);
  for (const target of targets) {
    if (pages.has(target)) continue;
    if (isFolder(target)) await putFolder(target);
    else await copy(target);
  }
  return written;

  async function copy(path: string): Promise<void> {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await copyFile(join(root, path), join(out, path));
  }

  /** A list of what a folder holds, in place of the page that a code host shows. */
  async function putFolder(folder: string): Promise<void> {
    const names = (await readdir(join(root, folder), { withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .toSorted();
    const items = names.map((name) => {
      const page = pages.get(`${folder}/${name}`);
      return `<li><a href="${page === undefined ? name : siteOf(name)}">${escaped(page?.title ?? name)}</a></li>`;
    });
    const title = FOLDERS.find((one) => one.folder === folder)?.title ?? folder;
    await put(`${folder}/index.html`, title, `<h1>${title}</h1>\n<ul>${items.join("\n")}</ul>`);
    for (const name of names) if (!pages.has(`${folder}/${name}`)) await copy(`${folder}/${name}`);
  }
}

async function pagesIn(root: string, folder: string): Promise<readonly string[]> {
  const names = await readdir(join(root, folder));
  return names
    .filter((name) => name.endsWith(".md"))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}
