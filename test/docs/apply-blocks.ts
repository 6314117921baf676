import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Block } from "./pages.ts";

/** Does to a copy of the repository what a page's blocks say: new files whole, others by differences. */
export function applyBlocks(folder: string, blocks: readonly Block[]): void {
  for (const { language, title, text } of blocks) {
    if (title === undefined) continue;
    const path = join(folder, title);
    if (language === "diff") writeFileSync(path, applyDifference(title, readFileSync(path, "utf8"), text));
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: "wx" });
    }
  }
}

/** Applies a difference without line numbers: what is there before each change must be there exactly once. */
export function applyDifference(name: string, source: string, difference: string): string {
  return difference.split(/^@@.*\n/m).reduce((changed, hunk) => {
    const lines = hunk.split("\n").slice(0, -1);
    const side = (sign: "-" | "+") =>
      lines
        .filter((line) => line.startsWith(" ") || line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join("");
    const [before, after] = [side("-"), side("+")];
    const parts = changed.split(before);
    if (before === "" || parts.length !== 2)
      throw new Error(`${name} has ${parts.length - 1} places that read:\n${before}`);
    return parts.join(after);
  }, source);
}
