import { writeFileSync } from "node:fs";
import { print, say } from "#client/printable.ts";
import { readArguments, USAGE } from "./replay/arguments.ts";
import type { Arguments } from "./replay/arguments.ts";
import { isConversationError } from "./replay/conversation-error.ts";
import { readConversations } from "./replay/dialogues.ts";
import type { Conversations } from "./replay/dialogues.ts";
import { figuresOf, isSound } from "./replay/figures.ts";
import { openLocal } from "./replay/deployed/local.ts";
import { openInProcess } from "./replay/in-process/in-process.ts";
import { replay } from "./replay/replay.ts";
import { reportOn } from "./replay/report.ts";

/*
 * Replays real conversations on the local runtime, or on the in-process spine. Exit code 0 when the spine did what the plain run did and its log
 * is whole, 1 when not, 2 when the folder or the command line cannot be used.
 */

const given = usable(() => readArguments(process.argv.slice(2)), `Usage: ${USAGE}`);
const code = await run(
  given,
  usable(() => readConversations(given.dir)),
);
// Deadlines that nobody waits for any longer would keep the process for minutes.
process.exit(code);

async function run(
  { options, json, dump, inProcess }: Arguments,
  conversations: Conversations,
): Promise<number> {
  const told = json ? {} : { onStart: say, onProgress: showProgress };
  // A process that is killed is no trouble where that is what was asked for.
  const onTrouble = options.kill === undefined ? { onTrouble: say } : {};
  const open = inProcess ? openInProcess : openLocal;
  const played = await replay(conversations, { ...options, ...told, ...onTrouble }, open);
  if (dump !== undefined) writeFileSync(dump, JSON.stringify(played.dump));
  const figures = figuresOf(played);
  print(json ? JSON.stringify(figures) : reportOn(played, figures));
  return isSound(figures) ? 0 : 1;
}

function showProgress(done: number, all: number): void {
  const step = Math.ceil(all / 10);
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} dialogues${done === all ? "\n" : ""}`);
  else if (done % step === 0 || done === all) process.stderr.write(`${done} of ${all} dialogues\n`);
}

function usable<T>(read: () => T, ...hints: readonly string[]): T {
  try {
    return read();
  } catch (error) {
    // What parseArgs and a refused folder say is for the caller; anything else is a mistake of ours.
    const isExpected = isConversationError(error) || hints.length > 0;
    if (!isExpected || !(error instanceof Error)) throw error;
    say([`replay: ${error.message}`, ...hints].join("\n"));
    process.exit(2);
  }
}
