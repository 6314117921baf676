import { join } from "node:path";
import { build } from "vite";

/** Builds the page that `spine console` serves: of the repository at `root`, into `folder`. */
export async function buildConsole(root: string, folder: string): Promise<void> {
  await build({
    configFile: false,
    root: join(root, "shared/console"),
    logLevel: "error",
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
