import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { IN_REPOSITORY, OWN_EXTENSION, OWN_ROOT } from "#node/own-files.ts";
import { ENTRIES } from "../build/package-files.ts";
import { createModuleGraph } from "./module-graph.ts";

export interface HotModules {
  /** Loads the entry as it is now; of what it imports only modules that have changed since, and those that import them. */
  load(): Promise<Readonly<Record<string, unknown>>>;
  /** The application's own modules, and those that it asks for and that do not exist yet. */
  files(): readonly string[];
  /** The modules that have changed since this was asked last, or since they were loaded. */
  changed(): readonly string[];
}

const VERSION = "dev";
const PACKAGE = "event-spine";

/**
 * Lets Node load an application's modules again when they change: a module's address has its version, so what has not changed stays
 * as it is, with its state. Once in a process. Old versions stay in memory.
 *
 * @param entry - An absolute path.
 */
export function createHotModules(entry: string): HotModules {
  const graph = createModuleGraph();
  const entryUrl = pathToFileURL(entry).href;

  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const own = ownEntry(specifier);
      if (own !== undefined) return next(own, { ...context, parentURL: import.meta.url });
      const importer = ownFile(context.parentURL);
      if (importer !== undefined && /^\.{0,2}\//.test(specifier))
        graph.imports(importer, fileURLToPath(new URL(specifier, context.parentURL)));
      const resolved = next(specifier, context);
      const file = ownFile(resolved.url);
      if (file === undefined || (importer === undefined && !resolved.url.startsWith(entryUrl)))
        return resolved;
      if (importer !== undefined) graph.imports(importer, file);
      return { ...resolved, url: versioned(file, graph.versionOf(file)) };
    },
    load(url, context, next) {
      const file = ownFile(url);
      if (file !== undefined && graph.files().includes(file)) graph.loaded(file, hashOf(file) ?? "");
      return next(url, context);
    },
  });
  graph.loaded(entry, hashOf(entry) ?? "");

  return {
    async load() {
      // What is there is looked at by whoever reads the application.
      return (await import(versioned(entry, graph.versionOf(entry)))) as Readonly<Record<string, unknown>>;
    },
    files: () => graph.files(),
    changed: () => graph.renew(hashOf),
  };
}

function versioned(file: string, version: number): string {
  const url = pathToFileURL(file);
  if (version > 0) url.searchParams.set(VERSION, String(version));
  return url.href;
}

function hashOf(file: string): string | undefined {
  try {
    return hash("sha256", readFileSync(file));
  } catch {
    return undefined;
  }
}

/** In the repository, the spine's sources stand beside what uses them. */
const OWN_FOLDERS = IN_REPOSITORY
  ? ["shared", "functions", "infra", "scripts", "dist"].map((name) => join(OWN_ROOT, name, "/"))
  : [OWN_ROOT];

/** The path of a module of the application; nothing for Node's, for packages' and for the spine's own. */
function ownFile(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith("file:")) return undefined;
  const file = fileURLToPath(url);
  const isForeign = file.includes("/node_modules/") || OWN_FOLDERS.some((folder) => file.startsWith(folder));
  return isForeign ? undefined : file;
}

/** The package that an application imports is the one that runs it, wherever else it is installed too. */
function ownEntry(specifier: string): string | undefined {
  if (specifier !== PACKAGE && !specifier.startsWith(`${PACKAGE}/`)) return undefined;
  const source = ENTRIES[`.${specifier.slice(PACKAGE.length)}`];
  if (source === undefined) return undefined;
  return pathToFileURL(join(OWN_ROOT, source.replace(/\.ts$/, OWN_EXTENSION))).href;
}
