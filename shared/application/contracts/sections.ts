import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { INTENTS } from "./vocabulary.ts";

// Without a language the small build of zod says "Invalid input" to everything.
z.config(english());

export const day = z.iso.date();
/** Local time of day, `HH:MM`. */
export const time = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/));

/** What the customer asked. `receivedAt` is local time without a zone; without it no visit is arranged for the same day. */
export const inputSection = z.object({
  text: z.string(),
  receivedAt: z.optional(z.iso.datetime({ local: true })),
});

export const sessionSection = z.object({
  who: z.string(),
  channel: z.enum(["web", "email", "sms", "phone"]),
  locale: z.enum(["en-GB", "en-US"]),
  today: day,
});

/** Limits only. A weekday is a number, 0 is Sunday. */
export const constraintsSection = z.object({
  openFrom: time,
  openUntil: time,
  closedOn: z.array(z.int().check(z.minimum(0), z.maximum(6))),
  noticeHours: z.number().check(z.nonnegative()),
  horizonDays: z.int().check(z.positive()),
  budget: z.optional(z.number().check(z.positive())),
});

/** What a person decided: an intent to go on with, an answer of their own, or a refusal. */
export const humanSection = z.object({
  decision: z.enum([...INTENTS, "answer", "decline"]),
  note: z.optional(z.string()),
});

/**
 * A section that may be missing: its agent has not run, was skipped, or failed without a fallback. A flow may also clear it by
 * writing null, which is the same to a reader.
 */
export const perhaps = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.optional(
    z.pipe(
      z.nullish(schema),
      z.transform((value) => value ?? undefined),
    ),
  );

export type Input = z.infer<typeof inputSection>;
export type Session = z.infer<typeof sessionSection>;
export type Constraints = z.infer<typeof constraintsSection>;
export type Human = z.infer<typeof humanSection>;
