import type { Command } from "./command.ts";
import { answer } from "./commands/answer.ts";
import { cancel } from "./commands/cancel.ts";
import { cost } from "./commands/cost.ts";
import { deadLetters } from "./commands/dead-letters.ts";
import { erase } from "./commands/erase.ts";
import { explain } from "./commands/explain.ts";
import { logged } from "./commands/logged.ts";
import { republish } from "./commands/republish.ts";
import { send } from "./commands/send.ts";
import { show } from "./commands/show.ts";
import { stop } from "./commands/stop.ts";
import { tail } from "./commands/tail.ts";
import { unpark } from "./commands/unpark.ts";

/** Every command of `npm run spine`. */
export const COMMANDS: readonly Command[] = [
  send,
  show,
  tail,
  explain,
  cost,
  answer,
  cancel,
  stop,
  deadLetters,
  unpark,
  republish,
  erase,
  logged,
];
