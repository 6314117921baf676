import { chmodSync, mkdirSync } from "node:fs";

/** Makes a folder that its owner alone can look into, whatever is in it, and whether or not it was there. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}
