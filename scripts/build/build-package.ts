import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, transform } from "esbuild";
import { FunctionSuffix } from "#aws/names.ts";
import { ON_DEMAND } from "../../infra/bundling/bundle-options.ts";
import { namedIn, sourceOf, withBuiltSpecifiers } from "./own-specifiers.ts";
import { BROWSER_ENTRIES, builtPath, COMMANDS, ENTRIES } from "./package-files.ts";

export interface PackageBuild {
  /** Modules that run, by path from the root of the package. */
  readonly modules: readonly string[];
  /** Declaration files of what users may name, and of what these name in turn. */
  readonly declarations: readonly string[];
}

type Rooms = Readonly<Record<string, string>>;

/** The spine's own functions: the constructs bundle them around a user's application. */
const FUNCTIONS = Object.values(FunctionSuffix).map((suffix) => `functions/${suffix}/handler.ts`);
/** Named by their paths, and imported by nothing: a program of its own, and what bundles have in the place of a package's module. */
const ON_THEIR_OWN = [
  "shared/local/lambda/function-process.ts",
  "functions/application/compiled.ts",
  "functions/application/packed.ts",
  "shared/aws/dynamo/no-endpoint-discovery.ts",
  "shared/aws/environment-credentials.ts",
];
/** Programs in another language, as they are. */
const AS_THEY_ARE = ["shared/local/lambda/python-process.py"];
const NAMED_ON_DEMAND: ReadonlySet<string> = new Set(ON_DEMAND.map(({ name }) => name));
/** How esbuild writes what it makes of a module: types are gone, and nothing else. */
const STRIPPED = { loader: "ts", format: "esm", target: "node22", platform: "node" } as const;

/**
 * Makes `dist/` of the project at `root`: a module for each source that an entry, a command or a function needs, in the same place
 * below it, the console's page, and the declarations that users' compilers read. Declarations are copied from what `tsc -b` made; without them
 * (`declarations: false`) modules are written over those that are there, which takes a second.
 */
export async function buildPackage(
  root: string,
  { declarations }: { readonly declarations: boolean },
): Promise<PackageBuild> {
  const { imports: rooms } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    readonly imports: Rooms;
  };
  if (declarations) await rm(join(root, "dist"), { recursive: true, force: true });
  const modules = await modulesOf(root, rooms);
  await Promise.all(modules.map((source) => writeModule(root, source, rooms)));
  await Promise.all(AS_THEY_ARE.map((source) => copyFile(join(root, source), join(root, "dist", source))));
  const declared = declarations ? await writeDeclarations(root, rooms) : [];
  if (declarations) {
    const { buildConsole } = await import("../console/build-console.ts");
    await buildConsole(root, join(root, "dist/console"));
  }
  return {
    modules: modules.map((source) => builtPath(source, ".js")),
    declarations: declared.map((source) => builtPath(source, ".d.ts")),
  };
}

/** All sources that are reached when something of the package runs. */
async function modulesOf(root: string, rooms: Rooms): Promise<readonly string[]> {
  const onDemand = ON_DEMAND.map(({ entry }) => entry);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      ...Object.values(ENTRIES),
      ...Object.values(BROWSER_ENTRIES),
      ...Object.values(COMMANDS),
      ...FUNCTIONS,
      ...ON_THEIR_OWN,
      ...onDemand,
    ],
    bundle: true,
    write: false,
    metafile: true,
    outdir: "dist",
    packages: "external",
    format: "esm",
    platform: "node",
    logLevel: "silent",
    alias: Object.fromEntries(
      Object.entries(rooms)
        .filter(([name]) => name.endsWith("/*"))
        .map(([name, folder]) => [name.slice(0, -2), join(root, folder.slice(0, -2))]),
    ),
    external: ["#application", "#application-definition"],
  });
  return Object.keys(metafile.inputs).toSorted();
}

async function writeModule(root: string, source: string, rooms: Rooms): Promise<void> {
  const text = await readFile(join(root, source), "utf8");
  const { code } = await transform(text, { ...STRIPPED, sourcefile: source });
  const built = withBuiltSpecifiers(source, code, rooms, (specifier) => NAMED_ON_DEMAND.has(specifier));
  const isCommand = Object.values(COMMANDS).includes(source);
  await write(join(root, builtPath(source, ".js")), isCommand ? `#!/usr/bin/env node\n${built}` : built);
}

/** Copies the declarations of the entries, and of all that these name. */
async function writeDeclarations(root: string, rooms: Rooms): Promise<readonly string[]> {
  const open = Object.values(ENTRIES).toSorted();
  for (const source of open) {
    const text = await readFile(join(root, ".build", source.replace(/\.ts$/, ".d.ts")), "utf8");
    for (const { specifier } of namedIn(text)) {
      const next = sourceOf(source, specifier, rooms);
      if (next !== undefined && !open.includes(next)) open.push(next);
    }
    const built = withBuiltSpecifiers(source, text, rooms).replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n");
    await write(join(root, builtPath(source, ".d.ts")), built);
  }
  return open;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
