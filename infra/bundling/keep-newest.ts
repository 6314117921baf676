import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Removes of a folder's entries that end so all but those that were used last. */
export function keepNewest(folder: string, ending: string, most: number): void {
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ path: join(folder, name), used: usedAt(join(folder, name)) }))
    .sort((a, b) => b.used - a.used)
    .slice(most)
    .forEach(({ path }) => rmSync(path, { recursive: true, force: true }));
}

/** Another process may have removed it meanwhile. */
const usedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
