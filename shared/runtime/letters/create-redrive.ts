import { isSpineError, SpineError } from "#core/errors.ts";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import type { CommandInput, LetterInput } from "#core/session/input.ts";
import type { Digest } from "#ports/secrets.ts";
import type { AnswerQueue, Inbox, WaysBack } from "#ports/queues.ts";
import { parseInboxMessage } from "../doors/inbox-message.ts";
import { loadSession } from "../session/load-session.ts";
import { parseAnswer } from "../doors/agent-protocol.ts";
import { parseJson } from "../session/parse-json.ts";
import { carriedBy } from "./carried-by.ts";
import { messageIdOf, type LetterName } from "./letter-name.ts";
import { lookUp, type SessionStores } from "./look-up.ts";
import { readLetter, type LetterReading } from "./read-letter.ts";

/**
 * As what a letter went back: the same message once more, the letter itself, or a command about its task. `expired`: it did
 * not, since retention has ended its session.
 */
export type Redriven =
  "input" | "answer" | "deadline" | "commit" | "intake" | "letter" | "command" | "expired";

export interface RedrivePorts extends LetterReading {
  readonly stores: SessionStores;
  readonly inbox: Inbox;
  readonly answers: AnswerQueue;
  readonly waysBack: WaysBack;
  readonly watch: (name: LetterName) => Promise<void>;
}

/**
 * Sends a letter back through the coordinator, which decides it on the session as it is now: what has moved on in the
 * meantime refuses it. Nothing that goes back has a new identity, so doing it again changes nothing. Throws
 * `session.unreadable` where nobody could decide it. Inbox and answers must deliver what they delivered minutes ago. `by` is who wants
 * it, where the session is asked to decide.
 */
export function createRedrive(
  ports: RedrivePorts,
): (name: LetterName, body: string, by?: string) => Promise<Redriven> {
  const { stores, inbox, answers, waysBack, watch, digest } = ports;

  /** Sends the message as it was. A task is not: the session decides whether it is tried again. */
  const sendAgain = async (name: LetterName, body: string): Promise<Redriven | undefined> => {
    const carried = carriedBy(name.queue);
    switch (carried) {
      case "input": {
        await inbox.send(parseInboxMessage(body));
        return carried;
      }
      case "answer":
        await answers.send(parseAnswer(parseJson(body, "answer.malformed")));
        return carried;
      case "deadline": {
        const { key, number: at } = readNumbered(body, "at");
        await inbox.send({ key, input: { kind: "deadline", at } });
        return carried;
      }
      case "commit": {
        const { key, number: first } = readNumbered(body, "first");
        await waysBack.toRelay([{ ...key, first }]);
        return carried;
      }
      case "intake":
        await waysBack.toIntake(body);
        return carried;
      case "task":
      case undefined:
        return undefined;
    }
  };

  /** A session that never heard of the letter is told; one that did is asked to try the letter's task again. */
  const tell = async (name: LetterName, body: string, by?: string): Promise<Redriven> => {
    const read = await readLetter({ queue: name.queue, id: messageIdOf(name), body }, ports);
    if (read.type !== "letter") throw unusable(name);
    if ((await lookUp(stores, read.key, name)) !== "recorded") {
      await watch(name);
      await inbox.send({ key: read.key, input: read.input });
      return "letter";
    }
    if (carriedBy(name.queue) !== "task" || read.input.attempt === undefined) throw unusable(name);
    await inbox.send({ key: read.key, input: redriveCommand(read.input, read.input.attempt, digest, by) });
    return "command";
  };

  return async (name, body, by) => {
    if (name.key !== undefined && (await hasExpired(stores, name.key))) return "expired";
    return (await unlessMalformed(() => sendAgain(name, body))) ?? tell(name, body, by);
  };
}

/** Whether only a session's tombstone is left. Throws `session.unreadable` where its log cannot be folded. */
async function hasExpired(stores: SessionStores, key: SessionKey): Promise<boolean> {
  try {
    await loadSession(stores, key);
    return false;
  } catch (error) {
    if (isSpineError(error, "session.expired")) return true;
    throw error;
  }
}

/** A message that nobody can read cannot go back as it was; what it is about may still be known. */
async function unlessMalformed<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    if (isSpineError(error, "input.malformed") || isSpineError(error, "answer.malformed")) return undefined;
    throw error;
  }
}

function redriveCommand(
  { id, correlation }: LetterInput,
  attempt: NonNullable<LetterInput["attempt"]>,
  digest: Digest,
  by: string | undefined,
): CommandInput {
  const command = { type: "redrive", ...attempt, letter: id } as const;
  const hash = digest.sha256(JSON.stringify(command));
  const named = by === undefined ? {} : { by };
  return { kind: "command", source: "operator", ...named, id: `redrive/${id}`, hash, correlation, command };
}

/** A session and a number: a deadline's time, or where a commit starts. */
function readNumbered(body: string, field: string) {
  const message = parseJson(body, "input.malformed");
  const given: JsonObject = isJsonObject(message) ? message : {};
  const number = given[field];
  if (typeof number !== "number")
    throw new SpineError("input.malformed", `The body has no number "${field}".`);
  return { key: parseSessionKey({ tenant: given["tenant"], session: given["session"] }), number };
}

const unusable = ({ letter }: LetterName): SpineError =>
  new SpineError(
    "input.rejected",
    `Letter ${letter} cannot be redriven. Read it with show; discard it when nothing is left to do.`,
  );
