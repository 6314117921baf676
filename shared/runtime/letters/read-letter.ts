import { parseSessionKey, parseTaskId, type AttemptRef, type SessionKey } from "#core/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { LetterInput } from "#core/session/input.ts";
import type { Digest, Tokens } from "#ports/secrets.ts";
import { isRetryable } from "../session/retryable.ts";
import { carriedBy, type Carried } from "./carried-by.ts";
import { letterSource } from "./letter-name.ts";

/** A message that a queue gave up on. */
export interface DeadLetter {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
}

export interface LetterReading {
  readonly digest: Digest;
  /**
   * With it an answer counts as a letter only if it proves its attempt: an agent could otherwise fail the tasks of others
   * by answers that nobody takes. @default the queues are trusted
   */
  readonly tokens?: Tokens;
}

export type ReadLetter =
  /** It is an input of this session. */
  | { readonly type: "letter"; readonly key: SessionKey; readonly input: LetterInput }
  /** A letter that came back: what it told of is kept already. */
  | { readonly type: "returned" }
  /** A commit that could not be relayed. Told to its session it would only cause another commit to relay. */
  | { readonly type: "unrelayed"; readonly key: SessionKey }
  | { readonly type: "nobody's" };

/** Rejects, retryably, where it cannot be told now whether an answer proves its attempt. */
export async function readLetter(letter: DeadLetter, reading: LetterReading): Promise<ReadLetter> {
  try {
    const message = JSON.parse(letter.body) as Json;
    if (!isJsonObject(message)) return { type: "nobody's" };
    const carried = carriedBy(letter.queue);
    // What came over a bus names no session before somebody found out whose it is.
    if (carried === "intake") return { type: "nobody's" };
    if (carried === "input" && isLetter(message["input"])) return { type: "returned" };
    const key = parseSessionKey({ tenant: message["tenant"], session: message["session"] });
    if (carried === "commit") return { type: "unrelayed", key };
    const attempt = attemptIn(carried, key, message);
    if (carried === "answer" && !(await isProven(message["token"], attempt, reading)))
      return { type: "nobody's" };
    return { type: "letter", key, input: inputOf(letter, message, attempt, reading) };
  } catch (error) {
    if (isRetryable(error)) throw error;
    return { type: "nobody's" };
  }
}

const isLetter = (input: Json | undefined): boolean => isJsonObject(input) && input["kind"] === "letter";

/** Tasks and answers name the attempt that they are about. */
function attemptIn(
  carried: Carried | undefined,
  key: SessionKey,
  { task, attempt }: JsonObject,
): AttemptRef | undefined {
  const named = (carried === "task" || carried === "answer") && typeof attempt === "number";
  return named ? { ...key, task: parseTaskId(task), attempt } : undefined;
}

async function isProven(
  token: Json | undefined,
  attempt: AttemptRef | undefined,
  { tokens }: LetterReading,
): Promise<boolean> {
  if (tokens === undefined) return true;
  return attempt !== undefined && typeof token === "string" && (await tokens.verify(attempt, token));
}

function inputOf(
  { queue, id, body }: DeadLetter,
  { correlation }: JsonObject,
  attempt: AttemptRef | undefined,
  { digest }: LetterReading,
): LetterInput {
  return {
    kind: "letter",
    source: letterSource(queue),
    id,
    hash: digest.sha256(body),
    correlation: typeof correlation === "string" ? correlation : id,
    queue,
    reason: "received too often",
    ...(attempt !== undefined && { attempt: { task: attempt.task, attempt: attempt.attempt } }),
  };
}
