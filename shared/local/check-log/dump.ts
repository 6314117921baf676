import * as z from "zod";

/** One sending of one input, as its producer remembers it; an input that was sent twice is in the list twice. */
const sentInput = z.object({
  tenant: z.string(),
  session: z.string(),
  source: z.string(),
  id: z.string(),
  type: z.string(),
  data: z.unknown(),
  /** What the producer was told: where the input stands in the log, or why it was not taken. Missing: nothing. */
  answer: z.union([z.object({ sequence: z.number().int() }), z.object({ refused: z.string() })]).optional(),
});

/** A session's commits as they are stored, in the order of their keys. */
const storedSession = z.object({ tenant: z.string(), session: z.string(), commits: z.array(z.string()) });

/** All that a check reads. Without a list of what was sent, only the log is held against itself. */
export const logDump = z.object({
  sessions: z.array(storedSession),
  sent: z.array(sentInput).default([]),
  /** The texts of the flows that the commits name, each once. */
  flows: z.array(z.string()).default([]),
});

export type SentInput = z.infer<typeof sentInput>;
export type StoredSession = z.infer<typeof storedSession>;
export type LogDump = z.infer<typeof logDump>;
