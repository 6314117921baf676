import { statSync } from "node:fs";
import { dirname } from "node:path";

/** Whether a file of spans can stand there: in a folder that exists, and where no folder is. */
export function canHoldTraces(file: string): boolean {
  const folder = statSync(dirname(file), { throwIfNoEntry: false });
  return folder?.isDirectory() === true && statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true;
}
