import * as z from "zod";

const metadata = z.optional(z.record(z.string(), z.record(z.string(), z.json())));

/**
 * Chunks of the UI message stream as `ai` 7.0.173 has them (`uiMessageChunkSchema`), those that a spine sends: the package itself is
 * 17 MB with all that it needs. Stricter than there: no other field.
 */
export const uiMessageChunk = z.union([
  z.strictObject({
    type: z.literal("start"),
    messageId: z.string(),
    messageMetadata: z.record(z.string(), z.json()),
  }),
  z.strictObject({ type: z.enum(["start-step", "reset-step"]) }),
  z.strictObject({ type: z.literal("text-start"), id: z.string(), providerMetadata: metadata }),
  z.strictObject({ type: z.literal("text-delta"), id: z.string(), delta: z.string() }),
  z.strictObject({ type: z.literal("text-end"), id: z.string() }),
  z.strictObject({
    type: z.templateLiteral([
      "data-",
      z.enum(["step", "question", "question-closed", "reply", "run", "progress"]),
    ]),
    id: z.string(),
    data: z.json(),
    transient: z.optional(z.boolean()),
  }),
  z.strictObject({ type: z.literal("error"), errorText: z.string() }),
  z.strictObject({
    type: z.literal("finish"),
    finishReason: z.enum(["stop", "error", "other"]),
    messageMetadata: z.record(z.string(), z.json()),
  }),
]);
