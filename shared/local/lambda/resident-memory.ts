import { readFileSync } from "node:fs";

const PAGE_BYTES = 4_096;

/**
 * Memory that a process holds, from the kernel's view, also while it is busy. Undefined where the system has no /proc:
 * there only the limit on the heap holds.
 */
export function residentBytes(pid: number): number | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined;
  } catch {
    return undefined;
  }
}
