import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { ownModule, workFolder } from "#node/own-files.ts";

const SOURCE = ownModule("shared/local/lambda/function-process");
const FOLDER = workFolder("local");

let file: string | undefined;

/**
 * The program of functions' processes without its types: to strip them would take each process longer than all else that
 * it does before its function is loaded, and Lambda's runtime has none.
 */
export function processFile(): string {
  file ??= stripped(readFileSync(SOURCE, "utf8"));
  return file;
}

function stripped(source: string): string {
  const hash = createHash("sha256").update(source).digest("hex").slice(0, 16);
  const path = join(FOLDER, `function-process-${hash}.mjs`);
  if (!existsSync(path)) {
    mkdirSync(FOLDER, { recursive: true });
    const draft = `${path}.${randomUUID()}`;
    writeFileSync(draft, transformSync(source, { loader: "ts", target: "node24" }).code);
    renameSync(draft, path);
  }
  return path;
}
