import { createRequire } from "node:module";
import { dirname } from "node:path";
import { compileFunction } from "node:vm";
import { buildSync, type BuildFailure } from "esbuild";

/**
 * What a module of the user exports, loaded at once and without any loader: it is bundled with all that it imports, and the bundle is
 * run. So it makes no difference what runs the CDK app (Node itself, tsx, ts-node) and how that would load TypeScript. The module may
 * not wait at its top level.
 *
 * @param entry - An absolute path.
 */
export function loadModule(entry: string): Readonly<Record<string, unknown>> {
  const module = { exports: {} };
  const run = compileFunction(bundled(entry), ["module", "exports", "require", "__filename", "__dirname"], {
    filename: entry,
  }) as (...args: readonly unknown[]) => void; // What is compiled is a function of these parameters.
  run(module, module.exports, createRequire(entry), entry, dirname(entry));
  return module.exports;
}

function bundled(entry: string): string {
  try {
    const { outputFiles } = buildSync({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "cjs",
      platform: "node",
      target: "node22",
      logLevel: "silent",
      // Where a bundle's modules ask where they are, they are at its entry.
      define: { "import.meta.url": "spineEntryUrl" },
      banner: { js: 'const spineEntryUrl = require("node:url").pathToFileURL(__filename).href;' },
    });
    return outputFiles[0]?.text ?? "";
  } catch (error) {
    throw new Error(`The application ${entry} cannot be loaded: ${reasonOf(error)}`, { cause: error });
  }
}

const WAITS = /top-level await/i;

function reasonOf(error: unknown): string {
  // esbuild throws nothing else.
  const [first] = (error as BuildFailure).errors ?? [];
  if (first === undefined) return String(error);
  const { text, location } = first;
  const at = location === null ? "" : `${location.file}:${location.line}: `;
  if (!WAITS.test(text)) return `${at}${text}`;
  return `${at}it uses top-level await. Stacks are built synchronously: move the await into a function that runs later.`;
}
