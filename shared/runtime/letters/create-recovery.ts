import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import { isJsonObject } from "#core/json.ts";
import { problemError } from "#core/errors.ts";
import { hasDeadlineWork } from "#core/session/decide/due.ts";
import type { Clock, Deadlines } from "#ports/clock.ts";
import { loadSession } from "../session/load-session.ts";
import { parseJson } from "../session/parse-json.ts";
import {
  createLetterKeeper,
  type ArrivedLetter,
  type Kept,
  type LetterKeeperPorts,
} from "./create-letter-keeper.ts";
import type { SessionStores } from "./look-up.ts";

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

/** Makes inputs of deadlines whose time has come and that find something to do, and of letters that queues gave up on. */
export function createRecovery(ports: RecoveryPorts): Recovery {
  const { inbox, deadlines, clock, stores, onKept, onTrouble } = ports;
  const keep = createLetterKeeper(ports);

  const takeDeadline = async ({ body }: DeadlineMessage): Promise<void> => {
    const { key, at } = readDeadline(body);
    // One that came early, since a queue delays no longer or by a clock that is ahead, is sent on until its time has come.
    if (at > clock.now()) return deadlines.arm(key, at);
    if (await findsNothing(stores, key, at, clock)) return;
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

/**
 * Whether a deadline finds nothing to do, as most do: what it was armed for has come. Its coordinator would read the same, and commit
 * nothing. Of a log that cannot be read now nobody knows here.
 */
async function findsNothing(
  stores: SessionStores,
  key: SessionKey,
  at: number,
  clock: Pick<Clock, "now">,
): Promise<boolean> {
  try {
    const { state } = await loadSession(stores, key);
    return !hasDeadlineWork(state, at, Math.max(clock.now(), state.time));
  } catch {
    return false;
  }
}

function readDeadline(body: string) {
  const message = parseJson(body, "input.malformed");
  const { at, tenant, session } = isJsonObject(message) ? message : {};
  if (typeof at !== "number")
    throw problemError("input.malformed", {
      field: "at",
      problem: "is not a number",
      repair: "Send the deadline unchanged, as the spine armed it.",
    });
  return { key: parseSessionKey({ tenant, session }), at };
}
