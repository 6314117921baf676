import { SpineError } from "#core/errors.ts";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import { isoTime } from "#core/session/iso-time.ts";

/** A dead letter by all that is known of it without reading it. */
export interface LetterName {
  /** `{when it was sent, ms}-{its place in its FIFO group, or 0}-{message id}`: sorts in order of arrival. */
  readonly letter: string;
  /** The dead-letter queue that it came from. */
  readonly queue: string;
  /** Whose it is; nobody's where it names no session. */
  readonly key?: SessionKey;
}

/** What became of a letter: each is an object beside its body. */
export const Mark = {
  body: "body",
  lost: "lost",
  parked: "parked",
  recorded: "recorded",
  expired: "expired",
  redriven: "redriven",
  discarded: "discarded",
} as const;
export type Mark = (typeof Mark)[keyof typeof Mark];

// Stands for the parts of a session key where there is none: an id cannot begin with it.
const NOBODY = "@";

const dayOf = (letter: string): string => isoTime(Number(letter.slice(0, letter.indexOf("-")))).slice(0, 10);
const ownerOf = (key: SessionKey | undefined): string =>
  key === undefined ? `${NOBODY}/${NOBODY}` : `${key.tenant}/${key.session}`;
const readOwner = (tenant: unknown, session: unknown): Pick<LetterName, "key"> =>
  tenant === NOBODY ? {} : { key: parseSessionKey({ tenant, session }) };

/** All letters of a day (`2026-11-22`, UTC), or one of them. */
export const dayPrefix = (day: string): string => `letters/${day}/`;
export const letterPrefix = (letter: string): string => `${dayPrefix(dayOf(letter))}${letter}/`;

export const markKey = ({ letter, queue, key }: LetterName, mark: Mark): string =>
  `${letterPrefix(letter)}${queue}/${ownerOf(key)}/${mark}`;

export function readMarkKey(text: string): { readonly name: LetterName; readonly mark: Mark } {
  const [, , letter, queue, tenant, session, mark] = text.split("/");
  if (letter === undefined || queue === undefined || mark === undefined || !(mark in Mark))
    throw strange(text);
  return { name: { letter, queue, ...readOwner(tenant, session) }, mark: mark as Mark }; // it is one of them
}

/** What stands under a key that says all: not quite empty, since the SDK takes an empty body for a stream. */
export const NOTHING = "{}";

/** Letters that wait for their session to record them, by the span of time in which they arrived. */
export const awaitingPrefix = (bucket: string): string => `awaiting/${bucket}/`;
export const awaitingKey = (bucket: string, { letter, queue, key }: LetterName): string =>
  `${awaitingPrefix(bucket)}${letter}/${queue}/${ownerOf(key)}`;

export function readAwaitingKey(text: string): LetterName {
  const [, , letter, queue, tenant, session] = text.split("/");
  if (letter === undefined || queue === undefined) throw strange(text);
  return { letter, queue, ...readOwner(tenant, session) };
}

/** Letters that only an operator can move on, by session, in order of arrival. */
export const parkedPrefix = ({ tenant, session }: SessionKey): string => `parked/${tenant}/${session}/`;
export const parkedKey = ({ letter, queue, key }: LetterName): string =>
  `parked/${ownerOf(key)}/${letter}/${queue}`;

export function readParkedKey(text: string): LetterName {
  const [, tenant, session, letter, queue] = text.split("/");
  if (letter === undefined || queue === undefined) throw strange(text);
  return { letter, queue, ...readOwner(tenant, session) };
}

/** The id of the message that the letter was. */
export const messageIdOf = ({ letter }: LetterName): string => letter.split("-").slice(2).join("-");

/** The source of the input that a letter of this queue becomes. */
export const letterSource = (queue: string): string => `dead-letters/${queue}`;

const strange = (key: string): SpineError => new SpineError("internal", `${key} is not the key of a letter.`);
