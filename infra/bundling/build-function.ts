import { relative, resolve } from "node:path";
import type { Metafile } from "esbuild";
import type { PackedApplication } from "#core/flow/packed-application.ts";
import type { Json } from "#core/json.ts";
import { shareJson } from "#core/shared-json.ts";
import { IN_REPOSITORY, OWN_ROOT, ownModule, workFolder } from "#node/own-files.ts";
import { loadApplication } from "./load-application.ts";
import {
  bundleOptions,
  ON_DEMAND,
  onDemandOptions,
  SPANS,
  type BundledApplication,
} from "./bundle-options.ts";
import { canTrace } from "./can-trace.ts";
import { buildOrReuse } from "./kept-builds.ts";

export interface BuiltFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** A function's code: `index.mjs`, what it imports, and what it loads on demand. */
export interface BuiltFunction {
  readonly files: readonly BuiltFile[];
  /** A source map of each, for people: three times the size of what is deployed. */
  readonly maps: readonly BuiltFile[];
  /** What Lambda loads at init, minified, in bytes: the first file and all that it imports at once. */
  readonly initBytes: number;
  /** The modules in those bytes, by path from the root. */
  readonly initInputs: readonly string[];
}

/** Paths in source maps are relative to this folder, so that a bundle does not depend on where it is written. */
const OUTPUT = workFolder("bundle");
const OWN_APPLICATION = IN_REPOSITORY ? ownModule("shared/application/sample-application") : undefined;

type Build = { readonly files: readonly BuiltFile[]; readonly outputs: Metafile["outputs"] };
const onDemand = new Map<string, Build>();

/** Bundles a function. `application` is the module of the user's application. @default the sample's, in the repository */
export function buildFunction(entry: string, application = OWN_APPLICATION): BuiltFunction {
  const bundled = application === undefined ? undefined : bundledApplication(application);
  const { files, outputs } = build(bundleOptions(bundled), { index: resolve(entry) });
  const loaded = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const later = ON_DEMAND.filter(
    ({ name, file }) => loaded.includes(`./${file}.mjs`) && (name !== SPANS || canTrace()),
  );
  const init = filesAtInit(outputs);
  const all = [...files, ...later.flatMap((one) => builtOnDemand(one).files)].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  return {
    files: all.filter(({ path }) => !path.endsWith(".map")),
    maps: all.filter(({ path }) => path.endsWith(".map")),
    initBytes: init.reduce((sum, { bytes }) => sum + bytes, 0),
    initInputs: init.flatMap(({ inputs }) => Object.keys(inputs)),
  };
}

const applications = new Map<string, BundledApplication>();

function bundledApplication(module: string): BundledApplication {
  const known = applications.get(module);
  if (known !== undefined) return known;
  const packed = loadApplication(module).packed();
  // Interfaces only lack the index signature that `Json` asks for.
  const asJson = (application: PackedApplication) => application as unknown as Json;
  const made =
    packed.type === "data" ? { packed: JSON.stringify(shareJson(asJson(packed.application))) } : { module };
  applications.set(module, made);
  return made;
}

function builtOnDemand({ entry, file }: { readonly entry: string; readonly file: string }): Build {
  const built = onDemand.get(file) ?? build(onDemandOptions(), { [file]: entry });
  onDemand.set(file, built);
  return built;
}

function build(
  { mainFields, ...options }: ReturnType<typeof onDemandOptions>,
  entryPoints: Readonly<Record<string, string>>,
): Build {
  const { outputFiles, metafile } = buildOrReuse({
    ...options,
    mainFields: [...mainFields],
    absWorkingDir: OWN_ROOT,
    entryPoints: { ...entryPoints },
    outdir: OUTPUT,
    legalComments: "none",
    logLevel: "silent",
  });
  const files = outputFiles.map(({ path, contents }) => ({ path: relative(OUTPUT, path), contents }));
  return { files, outputs: metafile.outputs };
}

/** The first file and those that it imports at once, which esbuild names by path from the root. */
function filesAtInit(outputs: Metafile["outputs"]): readonly Metafile["outputs"][string][] {
  const [first] = Object.keys(outputs).filter((path) => path.endsWith("/index.mjs"));
  const open = first === undefined ? [] : [first];
  for (const path of open) {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && next in outputs && !open.includes(next)) open.push(next);
    }
  }
  return open.flatMap((path) => outputs[path] ?? []);
}
