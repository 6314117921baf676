import { parseSessionKey } from "#core/ids.ts";
import { isJsonObject } from "#core/json.ts";
import { problemError } from "#core/errors.ts";
import type { Deadlines } from "#ports/clock.ts";
import { parseJson } from "../session/parse-json.ts";
import {
  createLetterKeeper,
  type ArrivedLetter,
  type Kept,
  type LetterKeeperPorts,
} from "./create-letter-keeper.ts";

/** A message of the deadlines queue. */
export interface DeadlineMessage {
  readonly id: string;
  readonly body: string;
}

export interface RecoveryPorts extends LetterKeeperPorts {
  readonly deadlines: Deadlines;
  /** Told of each letter what became of it, each time that it is delivered. */
  readonly onKept?: (letter: ArrivedLetter, kept: Kept) => void;
  /** Told of what comes again. */
  readonly onTrouble?: (error: unknown, what: string) => void;
}

/** Takes batches, and gives the ids of the messages that must come again: one that fails never fails another. */
export interface Recovery {
  deadlines(messages: readonly DeadlineMessage[]): Promise<readonly string[]>;
  letters(letters: readonly ArrivedLetter[]): Promise<readonly string[]>;
}

/** Makes inputs of deadlines whose time has come, and of letters that queues gave up on. */
export function createRecovery(ports: RecoveryPorts): Recovery {
  const { inbox, deadlines, clock, onKept, onTrouble } = ports;
  const keep = createLetterKeeper(ports);

  const takeDeadline = async ({ body }: DeadlineMessage): Promise<void> => {
    const { key, at } = readDeadline(body);
    // One that came early, since a queue delays no longer or by a clock that is ahead, is sent on until its time has come.
    if (at > clock.now()) return deadlines.arm(key, at);
    await inbox.send({ key, input: { kind: "deadline", at } });
  };

  const takeLetter = async (letter: ArrivedLetter): Promise<void> => {
    const kept = await keep(letter);
    onKept?.(letter, kept);
  };

  const takeEach = async <Message extends { readonly id: string }>(
    messages: readonly Message[],
    what: (message: Message) => string,
    take: (message: Message) => Promise<void>,
  ): Promise<readonly string[]> => {
    const failed: string[] = [];
    for (const message of messages) {
      try {
        await take(message);
      } catch (error) {
        onTrouble?.(error, what(message));
        failed.push(message.id);
      }
    }
    return failed;
  };

  return {
    deadlines: (messages) => takeEach(messages, ({ id }) => `deadline ${id}`, takeDeadline),
    letters: (letters) => takeEach(letters, ({ id, queue }) => `letter ${id} of ${queue}`, takeLetter),
  };
}

function readDeadline(body: string) {
  const message = parseJson(body, "input.malformed");
  const { at, tenant, session } = isJsonObject(message) ? message : {};
  if (typeof at !== "number")
    throw problemError("input.malformed", {
      field: "at",
      problem: "is no number",
      repair: "Send a deadline as the spine arms it.",
    });
  return { key: parseSessionKey({ tenant, session }), at };
}
