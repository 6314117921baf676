import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { DEFAULT_PREFIX } from "#aws/names.ts";
import { IN_REPOSITORY, OWN_PACKAGE, OWN_ROOT, ownModule, projectRoot, workFolder } from "#node/own-files.ts";
import { AppVariable } from "../../infra/settings/variables.ts";
import { KEPT_BUILDS } from "../../infra/bundling/kept-builds.ts";

export interface SynthOptions {
  /** The CDK app to run: a module that Node can run as it is. @default infra/app-on-this-machine.ts of this repository */
  readonly app?: string;
  /**
   * Files and folders whose change makes a new synthesis, beside the spine's own. @default none in this repository; elsewhere
   * every start synthesizes anew
   */
  readonly sources?: readonly string[];
  /** What the app reads from its environment. @default of its own variables those that are set here */
  readonly environment?: Readonly<Record<string, string>>;
  /** Folder that keeps what was synthesized. @default .build/synth */
  readonly cache?: string;
  readonly onProgress?: (text: string) => void;
  /** Ends a synthesis that nobody waits for any more. */
  readonly signal?: AbortSignal;
}

export interface Synthesis {
  readonly templateDir: string;
  readonly cached: boolean;
  readonly ms: number;
}

/** All that template and bundles are made of; the lock file stands for the dependencies. */
const SOURCES = ["infra", "functions", "shared", "package.json", "package-lock.json"];
const ownSources = () => (IN_REPOSITORY ? SOURCES.map((path) => join(OWN_ROOT, path)) : [OWN_PACKAGE]);
/**
 * Holding the template against CloudFormation's schemas takes twice as long as all the rest, and is for what is deployed:
 * the CLI does it, and so does a test of the app. Here the local runtime refuses what it does not understand.
 */
const undeployed = () => ({ CDK_VALIDATION: "false", [KEPT_BUILDS]: workFolder("bundles") });
const KEPT = 8;
/** What any program needs of its environment, and what makes no difference to a template. */
const HARMLESS = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "NODE_OPTIONS"];
/** Names a process that runs what is in the folder, and will start functions from it. */
const USER = /^used-by-(\d+)$/;

/**
 * Synthesizes the app, or finds what was synthesized before from the very same sources. Two at once do not disturb each
 * other: a folder appears under its name when it is whole.
 *
 * @example
 * const { templateDir, cached } = await synthesize({ app: "infra/app.ts" });
 */
export async function synthesize(options: SynthOptions = {}): Promise<Synthesis> {
  const {
    app = ownModule("infra/app-on-this-machine"),
    sources = IN_REPOSITORY ? [] : undefined,
    cache = workFolder("synth"),
    onProgress = () => undefined,
    signal,
  } = options;
  const started = performance.now();
  const environment = { ...ownVariables(), ...options.environment };
  const hash =
    sources === undefined
      ? randomUUID().replaceAll("-", "")
      : await contentHash([app, ...ownSources(), ...sources], environment);
  const templateDir = join(cache, hash);
  const elapsed = () => Math.round(performance.now() - started);
  if (existsSync(join(templateDir, "manifest.json"))) {
    const now = new Date();
    await markUsed(templateDir);
    await utimes(templateDir, now, now);
    onProgress(`template found, nothing has changed (${elapsed()} ms)`);
    return { templateDir, cached: true, ms: elapsed() };
  }
  onProgress("synthesizing the template and bundling the functions");
  // Threads of one process share its id.
  const draft = `${templateDir}.${randomUUID()}`;
  await mkdir(draft, { recursive: true });
  try {
    await run(app, { ...undeployed(), ...environment, CDK_OUTDIR: draft }, signal);
    await rename(draft, templateDir).catch(async (error: unknown) => {
      // Somebody else was faster, with the same sources.
      if (!existsSync(join(templateDir, "manifest.json"))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await markUsed(templateDir);
  await removeOld(cache);
  onProgress(`template synthesized (${elapsed()} ms)`);
  return { templateDir, cached: false, ms: elapsed() };
}

/** The app's variables that are set here. Commands find functions by the default prefix. */
const ownVariables = (): Readonly<Record<string, string>> => ({
  ...valuesOf(Object.values(AppVariable)),
  [AppVariable.prefix]: DEFAULT_PREFIX,
});

const valuesOf = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );

function run(
  app: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [app], {
      cwd: projectRoot(),
      // Nothing else: what the app could read beside that, the folder's name would not tell.
      env: { ...valuesOf(HARMLESS), ...environment },
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal !== undefined && { signal }),
    });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `${relative(projectRoot(), app)} could not be synthesized:\n${Buffer.concat(said).toString("utf8")}`,
          ),
        );
    });
  });
}

/** A hash of names and contents, and of what the app is told. */
async function contentHash(
  paths: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const hash = createHash("sha256").update(
    JSON.stringify([process.version, Object.entries(environment).sort()]),
  );
  const files = (await Promise.all(paths.map(filesOf))).flat().sort();
  const contents = await Promise.all(files.map((file) => readFile(file)));
  files.forEach((file, at) => {
    const content = contents[at] ?? Buffer.alloc(0);
    hash.update(`${relative(projectRoot(), file)}\n${content.length}\n`).update(content);
  });
  return hash.digest("hex").slice(0, 32);
}

async function filesOf(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".tsbuildinfo"))
    .map((entry) => join(entry.parentPath, entry.name));
}

const markUsed = (folder: string): Promise<void> => writeFile(join(folder, `used-by-${process.pid}`), "");

/** Keeps the newest few: going back to an earlier state of the sources is then fast too. */
async function removeOld(cache: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(cache)).map(async (name) => ({
      path: join(cache, name),
      used: (await stat(join(cache, name))).mtimeMs,
    })),
  );
  const old = folders
    .filter(({ path }) => /\/[0-9a-f]{32}$/.test(path))
    .sort((a, b) => b.used - a.used)
    .slice(KEPT);
  await Promise.all(
    old.map(async ({ path }) => {
      if (!(await isInUse(path))) await rm(path, { recursive: true, force: true });
    }),
  );
}

async function isInUse(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => isAlive(Number(USER.exec(name)?.[1] ?? NaN)));
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
