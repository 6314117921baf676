import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildConsole } from "../console/build-console.ts";
import { ROOT } from "./bundle.ts";

/** JavaScript that the console's page loads before it shows anything, gzipped. */
export const MOST_CONSOLE_BYTES = 80_000;

export interface ConsolePage {
  /** Files that the page names itself. */
  readonly initial: readonly string[];
  /** Their JavaScript, gzipped. */
  readonly bytes: number;
  /** The page itself. */
  readonly html: string;
}

/** Builds the console's page and weighs what it loads at first. */
export async function measureConsole(): Promise<ConsolePage> {
  const folder = await mkdtemp(join(tmpdir(), "spine-console-"));
  try {
    await buildConsole(ROOT, folder);
    const html = await readFile(join(folder, "index.html"), "utf8");
    const initial = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path = ""]) => path);
    const scripts = initial.filter((path) => path.endsWith(".js"));
    const texts = await Promise.all(scripts.map((path) => readFile(join(folder, path))));
    return {
      initial,
      html,
      bytes: texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
