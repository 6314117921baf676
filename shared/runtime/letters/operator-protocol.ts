import * as z from "zod/mini";
import type { Json } from "#core/json.ts";
import { parseWith } from "../session/messages.ts";
import type { Redriven } from "./create-redrive.ts";
import type { LetterPage, ListedLetter } from "./list-letters.ts";

// `{sent at, ms}-{place in its group}-{message id}`.
const letter = z.string().check(z.regex(/^\d{1,16}-\d+-[\w-]+$/));
const after = z.optional(z.string());
const reason = z.string().check(z.minLength(1), z.maxLength(1_000));

// Looking needs no reason, and may have one; what changes something has one that stays with it.
const why = z.optional(reason);

const requestSchema = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("list"),
    day: z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/)),
    after,
    reason: why,
  }),
  z.strictObject({ op: z.literal("show"), letter, reason: why }),
  z.strictObject({ op: z.literal("redrive"), letter, reason }),
  z.strictObject({ op: z.literal("discard"), letter, reason }),
  z.strictObject({ op: z.literal("unpark"), tenant: z.string(), session: z.string(), after, reason }),
  z.strictObject({ op: z.literal("republish"), since: z.number(), after, reason }),
  z.strictObject({ op: z.literal("rebuild-index"), after, reason: why }),
]);

/**
 * What an operator may ask: the letters of a day (UTC) a page at a time, one with its body, to send one back or
 * to close it, to send a session's letters now that it can be read again, and to relay all commits made at `since` (ms) or
 * later once more, or to tell the list of sessions anew, a page of the log at a time.
 */
export type OperatorRequest = z.output<typeof requestSchema>;

export interface ShownLetter extends ListedLetter {
  /** Without tokens and links. */
  readonly body: Json;
  /** What became of it, by mark. */
  readonly notes: Readonly<Record<string, Json>>;
}

/** The answer to each request. */
export interface OperatorReplies {
  readonly list: LetterPage;
  readonly show: ShownLetter;
  readonly redrive: { readonly as: Redriven };
  readonly discard: Readonly<Record<string, never>>;
  /** `left`: cannot go back, so they stay parked. `expired`: closed, since retention has ended their session. */
  readonly unpark: {
    readonly sent: readonly string[];
    readonly left: readonly string[];
    readonly expired?: readonly string[];
    readonly after?: string;
  };
  readonly republish: { readonly commits: number; readonly after?: string };
  readonly "rebuild-index": { readonly sessions: number; readonly after?: string };
}

/** Reads a request. Throws `input.malformed`, naming each field. */
export const parseOperatorRequest = (value: unknown): OperatorRequest =>
  parseWith(requestSchema, value, "input.malformed", "The request");
