import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Execution } from "./executions.ts";
import type { WaitingState } from "./interpreter.ts";

/** An execution as it is kept: by its machine's ARN, with the wait that it has come to. */
export interface KeptExecution extends Omit<Execution, "machine"> {
  readonly machineArn: string;
  readonly waiting?: WaitingState;
}

/** Keeps executions beyond a stop of the runtime. */
export interface ExecutionStore {
  save(execution: KeptExecution): void;
  all(): readonly KeptExecution[];
}

export const forgetfulStore: ExecutionStore = { save: () => undefined, all: () => [] };

/** One file an execution. What is saved is there when the call returns, whole. */
export function createFolderStore(folder: string): ExecutionStore {
  mkdirSync(folder, { recursive: true });
  return {
    save(execution) {
      // A name may have characters that a file's cannot.
      const file = join(folder, `${createHash("sha256").update(execution.arn).digest("hex")}.json`);
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, JSON.stringify(execution));
      renameSync(draft, file);
    },
    all: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as KeptExecution), // saved above
  };
}

export const executionStoreIn = (dataDir: string | undefined): ExecutionStore =>
  dataDir === undefined ? forgetfulStore : createFolderStore(join(dataDir, "executions"));
