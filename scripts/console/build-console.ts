import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "vite";

/** Builds the page that `spine console` serves: of the repository at `root`, into `folder`. */
export async function buildConsole(root: string, folder: string): Promise<void> {
  await build({
    configFile: false,
    root: join(root, "shared/console"),
    logLevel: "error",
    plugins: [licences(root)],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2023",
      // Inlined assets would be data: URLs, which the page's policy does not load.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
}

const PACKAGE = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** Writes the licences of the packages that the page contains beside it, as these ask for. */
const licences = (root: string): Plugin => ({
  name: "licences",
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
    const names = new Set(modules.flatMap((id) => PACKAGE.exec(id)?.[1] ?? []));
    const texts = [...names]
      .toSorted()
      .map((name) => `${name}\n\n${licenceOf(join(root, "node_modules", name))}`);
    this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join("\n\n") });
  },
});

function licenceOf(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no licence that could be passed on.`);
  return readFileSync(join(folder, file), "utf8");
}
