import { TARGET_OPTIONS } from "#client/target.ts";

const NAMES = Object.keys(TARGET_OPTIONS).map((option) => `--${option}`);

/** The arguments with the command at their beginning: options that say which spine is meant may stand before it as well. */
export function commandFirst(args: readonly string[]): readonly string[] {
  let at = 0;
  for (let option = args[at]; option !== undefined; option = args[at]) {
    if (NAMES.includes(option)) at += 2;
    else if (NAMES.some((name) => option.startsWith(`${name}=`))) at += 1;
    else break;
  }
  return [...args.slice(at), ...args.slice(0, at)];
}
