import { hash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { messageOf } from "#core/errors.ts";
import { IN_REPOSITORY, OWN_ROOT, workFolder } from "#node/own-files.ts";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";

/** The page and what it loads. */
export interface ConsoleAssets {
  /** The file at a path; the page itself for every path that is none, so that all of its views have addresses. */
  read(path: string): Promise<HttpResponse>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const PAGE = "index.html";
const SOURCES = "shared/console";
const VERSION_LENGTH = 12;

/** What the page was built of, in the package; in the repository it is built when it is first asked for, and sources are newer. */
export function consoleAssets(): ConsoleAssets {
  return IN_REPOSITORY ? builtOnDemand() : assetsIn(() => Promise.resolve(join(OWN_ROOT, "console")));
}

function builtOnDemand(): ConsoleAssets {
  const home = workFolder("console");
  let building: Promise<string> | undefined;
  return assetsIn(() => {
    const folder = join(home, versionOf(join(OWN_ROOT, SOURCES)));
    if (existsSync(join(folder, PAGE))) return Promise.resolve(folder);
    // A process of its own: the spine of `npm start` goes on meanwhile.
    building ??= build(folder).finally(() => (building = undefined));
    return building;
  });
}

/** Builds beside, and moves what is whole: several consoles may do so at once, and others read meanwhile. */
async function build(folder: string): Promise<string> {
  const draft = `${folder}.${process.pid}`;
  await promisify(execFile)(process.execPath, [join(OWN_ROOT, "scripts/console.ts"), draft]);
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(join(folder, PAGE))) throw error;
  });
  return folder;
}

/** A name for what the sources are now. */
const versionOf = (sources: string): string =>
  hash("sha256", JSON.stringify(filesIn(sources)), "hex").slice(0, VERSION_LENGTH);

const filesIn = (folder: string): readonly (readonly [path: string, changedMs: number])[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [[path, statSync(path).mtimeMs] as const];
  });

function assetsIn(folderOf: () => Promise<string>): ConsoleAssets {
  return {
    async read(path) {
      const folder = await folderOf().catch((error: unknown) => messageOf(error));
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return notBuilt(folder);
      const isFile = /^\/assets\/[\w.-]+$/.test(path);
      const name = isFile ? path.slice(1) : PAGE;
      try {
        const body = await readFile(join(folder, name), "utf8");
        return { status: 200, headers: { "content-type": TYPES[extname(name)] ?? "text/plain" }, body };
      } catch {
        return plain(404, `${path}: there is no such file. Reload the page.`);
      }
    },
  };
}

const plain = (status: number, body: string): HttpResponse => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
});
const notBuilt = (why: string): HttpResponse =>
  plain(500, `The console could not be built: ${why}\nBuild it with: npm run console:build`);
