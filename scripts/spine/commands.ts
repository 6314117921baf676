import type { Command } from "./command.ts";
import { answer } from "./commands/answer.ts";
import { explain } from "./commands/explain.ts";
import { send } from "./commands/send.ts";
import { show } from "./commands/show.ts";
import { tail } from "./commands/tail.ts";

/** Every command of `npm run spine`. */
export const COMMANDS: readonly Command[] = [send, show, tail, explain, answer];
