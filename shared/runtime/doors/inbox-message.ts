import * as z from "zod/mini";
import { parseSessionKey } from "#core/ids.ts";
import { problemError } from "#core/errors.ts";
import { EVENT_DEPTH, formProblem } from "#core/json-form.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import type { Input } from "#core/session/input.ts";
import type { InboxMessage } from "#ports/queues.ts";
import { json, parseWith } from "../session/messages.ts";
import { parseJson } from "../session/parse-json.ts";

const jsonObject = z.custom<JsonObject>(isJsonObject);

const identified = {
  source: z.string().check(z.minLength(1), z.maxLength(256)),
  id: z.string().check(z.minLength(1), z.maxLength(256)),
  hash: z.string(),
  correlation: z.string(),
  traceparent: z.exactOptional(z.string()),
};

const by = z.exactOptional(z.string());

const inboxSchema = z.object({
  tenant: z.string(),
  session: z.string(),
  envelope: z.exactOptional(jsonObject),
  unchecked: z.exactOptional(z.literal(true)),
  input: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("event"),
      ...identified,
      type: z.string(),
      data: json,
      ordinal: z.exactOptional(z.int().check(z.positive())),
      lane: z.exactOptional(z.enum(["normal", "express"])),
      session: z.exactOptional(jsonObject),
      constraints: z.exactOptional(jsonObject),
    }),
    z.object({ kind: z.literal("human"), ...identified, by, ask: z.string(), value: json }),
    z.object({
      kind: z.literal("command"),
      ...identified,
      by,
      command: z.discriminatedUnion("type", [
        z.object({ type: z.literal("stop"), reason: z.string(), compensate: z.exactOptional(z.boolean()) }),
        z.object({
          type: z.literal("cancel"),
          run: z.string(),
          reason: z.string(),
          compensate: z.exactOptional(z.boolean()),
        }),
        z.object({
          type: z.literal("redrive"),
          task: z.string(),
          attempt: z.int().check(z.positive()),
          letter: z.string(),
        }),
      ]),
    }),
    z.object({
      kind: z.literal("letter"),
      ...identified,
      queue: z.string(),
      attempt: z.exactOptional(z.object({ task: z.string(), attempt: z.int().check(z.positive()) })),
      reason: z.string(),
    }),
    z.object({ kind: z.literal("deadline"), at: z.number() }),
  ]),
});

/** Reads a message of the inbox: who is meant, and the input. It can never be an answer: agents have a queue of their own. */
export function parseInboxMessage(body: string): InboxMessage {
  const { input, envelope, unchecked, ...key } = parseWith(
    inboxSchema,
    parseJson(body, "input.malformed"),
    "input.malformed",
    "The inbox message",
  );
  const problem = formProblem(input, "", EVENT_DEPTH);
  if (problem !== undefined) throw problemError("input.malformed", problem);
  // The schema is the runtime form of Input without answers and claims; ids of runs and tasks are checked where they are looked for.
  return {
    key: parseSessionKey(key),
    input: input as Input,
    ...(envelope !== undefined && { envelope }),
    ...(unchecked !== undefined && { unchecked }),
  };
}
