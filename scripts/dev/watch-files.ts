import { existsSync, watch, type FSWatcher } from "node:fs";
import { dirname } from "node:path";

export interface FileWatch {
  /** Watches what there is to watch now. */
  refresh(): void;
  close(): void;
}

/** An editor writes a file in several steps: what it does within so many ms is one change. */
const QUIET_MS = 40;

/**
 * Calls `onChange` a moment after something has changed in the folders of some files: which file it was, and whether its text is another one, is
 * for the listener to see.
 */
export function watchFiles(files: () => readonly string[], onChange: () => void): FileWatch {
  const watched = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;

  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  };

  const forget = (folder: string): void => {
    watched.get(folder)?.close();
    watched.delete(folder);
  };

  const add = (folder: string): void => {
    if (watched.has(folder)) return;
    const watcher = watch(folder, changed);
    watched.set(folder, watcher);
    // It is gone, and may come back.
    watcher.once("error", () => forget(folder));
  };

  const refresh = (): void => {
    for (const folder of watched.keys()) if (!existsSync(folder)) forget(folder);
    for (const file of files()) add(existing(dirname(file)));
  };

  refresh();
  return {
    refresh,
    close() {
      clearTimeout(timer);
      for (const folder of watched.keys()) forget(folder);
    },
  };
}

/** The folder, or the next one above it that exists. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}
