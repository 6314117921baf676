import { open, type FileHandle } from "node:fs/promises";
import { fdatasync } from "node:fs";

/** A log in one file that does nothing but what every durable engine must: append, and wait until the disk has it. */
export interface BareLog {
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Appends that come while the disk is busy are written and flushed together. */
export async function openBareLog(file: string): Promise<BareLog> {
  const handle: FileHandle = await open(file, "a");
  let waiting: {
    readonly text: string;
    readonly done: () => void;
    readonly failed: (error: unknown) => void;
  }[] = [];
  let isBusy = false;

  const flush = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await handle.write(group.map(({ text }) => `${text}\n`).join(""));
        await synced(handle.fd);
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    isBusy = false;
  };

  return {
    append: (text) =>
      new Promise((done, failed) => {
        waiting.push({ text, done, failed });
        if (!isBusy) void flush();
      }),
    close: () => handle.close(),
  };
}

const synced = (fd: number): Promise<void> =>
  new Promise((resolve, reject) => fdatasync(fd, (error) => (error === null ? resolve() : reject(error))));
