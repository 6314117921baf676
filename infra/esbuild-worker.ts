import { parentPort } from "node:worker_threads";
import { build } from "esbuild";
import type { BuildAnswer, BuildOrder } from "./esbuild-sync.ts";
import { leanSdk } from "./lean-sdk.ts";

parentPort?.on("message", (order: BuildOrder) => void answer(order));

async function answer({ options, port, signal }: BuildOrder): Promise<void> {
  port.postMessage(await tryBuild(options));
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}

async function tryBuild(options: BuildOrder["options"]): Promise<BuildAnswer> {
  try {
    const { outputFiles, metafile } = await build({
      ...options,
      write: false,
      metafile: true,
      plugins: [leanSdk],
    });
    // Their `text` is a getter, which no message carries.
    return {
      built: { metafile, outputFiles: outputFiles.map(({ path, contents }) => ({ path, contents })) },
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
