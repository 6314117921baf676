import { readFileSync } from "node:fs";

/** How long a process was ready to run and had no processor, by the kernel's count; 0 where the system has none. */
export function waitedForProcessorMs(pid: number): number {
  try {
    const nanoseconds = Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]);
    return Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : 0;
  } catch {
    return 0;
  }
}
