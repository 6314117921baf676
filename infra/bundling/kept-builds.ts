import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { deserialize, serialize } from "node:v8";
import { buildSync, type BuildOptions, type Metafile } from "esbuild";
import { OWN_PACKAGE, OWN_ROOT, ownModule } from "#node/own-files.ts";
import { keepNewest } from "./keep-newest.ts";

export interface Built {
  readonly outputFiles: readonly { readonly path: string; readonly contents: Uint8Array }[];
  readonly metafile: Metafile;
}

/** Names the folder of builds that may be used again. Where it is not set, as for a deployment, all is built anew. */
export const KEPT_BUILDS = "SPINE_KEPT_BUILDS";

/** What says how is built and kept, beside the options: versions, names of modules. */
const RULES = [
  OWN_PACKAGE,
  ...["package-lock.json", "tsconfig.base.json"].map((path) => join(OWN_ROOT, path)),
  ownModule("infra/bundling/kept-builds"),
];
/** A build is some 3 MB, source maps included; the project's own are 15. */
const MOST_KEPT = 80;

/** Builds, or finds what the same options made of the very same inputs. */
export function buildOrReuse(options: BuildOptions): Built {
  const folder = process.env[KEPT_BUILDS];
  if (folder === undefined) return build(options);
  const started = Date.now();
  const directory = options.absWorkingDir ?? OWN_ROOT;
  const order = orderOf(options, directory);
  const inputs = read(join(folder, `${order}.json`));
  if (inputs !== undefined) {
    // Written below.
    const file = fileOf(folder, order, JSON.parse(inputs.toString()) as readonly string[], directory);
    const kept = read(file);
    if (kept !== undefined) {
      utimesSync(file, new Date(), new Date());
      return moved(deserialize(kept) as Built, (path) => resolve(directory, path));
    }
  }
  const built = build(options);
  const paths = Object.keys(built.metafile.inputs);
  // What somebody changed meanwhile may or may not be in it.
  if (paths.every((path) => changedAt(resolve(directory, path)) < started)) {
    mkdirSync(folder, { recursive: true });
    const anywhere = moved(built, (path) => relative(directory, path));
    write(fileOf(folder, order, paths, directory), serialize(anywhere));
    write(join(folder, `${order}.json`), JSON.stringify(paths));
    keepNewest(folder, ".build", MOST_KEPT);
  }
  return built;
}

function build(options: BuildOptions): Built {
  const { outputFiles, metafile } = buildSync({ ...options, write: false, metafile: true });
  return { metafile, outputFiles: outputFiles.map(({ path, contents }) => ({ path, contents })) };
}

/** The same in every copy of the project. */
function orderOf(options: BuildOptions, directory: string): string {
  const hash = createHash("sha256").update(JSON.stringify(options).replaceAll(directory, ""));
  for (const path of RULES) hash.update(read(path) ?? "");
  return hash.digest("hex").slice(0, 32);
}

function moved({ metafile, outputFiles }: Built, to: (path: string) => string): Built {
  return { metafile, outputFiles: outputFiles.map(({ path, contents }) => ({ path: to(path), contents })) };
}

function fileOf(folder: string, order: string, inputs: readonly string[], directory: string): string {
  const hash = createHash("sha256");
  for (const path of inputs) {
    const content = read(resolve(directory, path));
    hash.update(`${path}\n${content?.length}\n`).update(content ?? "");
  }
  return join(folder, `${order}-${hash.digest("hex").slice(0, 32)}.build`);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Other processes never see half of it. */
function write(path: string, content: string | Buffer): void {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}

/** Not every input is a file. */
const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
