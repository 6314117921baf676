import { readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
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

/** What the page was built of, in the package; in the repository it is built when it is first asked for, and sources are newer. */
export function consoleAssets(): ConsoleAssets {
  return IN_REPOSITORY ? builtOnDemand() : assetsIn(() => Promise.resolve(join(OWN_ROOT, "console")));
}

function builtOnDemand(): ConsoleAssets {
  const folder = workFolder("console");
  let building: Promise<string> | undefined;
  return assetsIn(() => {
    if (!isOutdated(folder)) return Promise.resolve(folder);
    // A process of its own: the spine of `npm start` goes on meanwhile.
    building ??= build(folder).finally(() => (building = undefined));
    return building;
  });
}

async function build(folder: string): Promise<string> {
  const script = join(OWN_ROOT, "scripts/console.ts");
  await promisify(execFile)(process.execPath, [script, folder]);
  return folder;
}

function isOutdated(folder: string): boolean {
  const page = statSync(join(folder, PAGE), { throwIfNoEntry: false });
  return page === undefined || newest(join(OWN_ROOT, SOURCES)) > page.mtimeMs;
}

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    }),
  );

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
