import type { Command } from "./command.ts";
import { a2a } from "./commands/a2a.ts";
import { add } from "./commands/add.ts";
import { answer } from "./commands/answer.ts";
import { cancel } from "./commands/cancel.ts";
import { compare } from "./commands/compare.ts";
import { openConsole } from "./commands/console.ts";
import { cost } from "./commands/cost.ts";
import { deadLetters } from "./commands/dead-letters.ts";
import { documents } from "./commands/documents.ts";
import { draw } from "./commands/draw.ts";
import { dev } from "./commands/dev.ts";
import { erase } from "./commands/erase.ts";
import { exportSession } from "./commands/export.ts";
import { explain } from "./commands/explain.ts";
import { fork } from "./commands/fork.ts";
import { logged } from "./commands/logged.ts";
import { mcp } from "./commands/mcp.ts";
import { republish } from "./commands/republish.ts";
import { rebuildIndex } from "./commands/rebuild-index.ts";
import { send } from "./commands/send.ts";
import { scores } from "./commands/scores.ts";
import { sessions } from "./commands/sessions.ts";
import { show } from "./commands/show.ts";
import { stop } from "./commands/stop.ts";
import { tail } from "./commands/tail.ts";
import { unpark } from "./commands/unpark.ts";
import { view } from "./commands/view.ts";
import { why } from "./commands/why.ts";

/** Every command of `npm run spine`. */
export const COMMANDS: readonly Command[] = [
  dev,
  add,
  send,
  sessions,
  show,
  tail,
  explain,
  why,
  view,
  compare,
  fork,
  exportSession,
  cost,
  scores,
  answer,
  cancel,
  stop,
  deadLetters,
  openConsole,
  mcp,
  a2a,
  unpark,
  republish,
  rebuildIndex,
  erase,
  logged,
  draw,
  documents,
];
