import { readFileSync } from "node:fs";
import * as z from "zod";
import { booking } from "#contracts/scheduling.ts";

/** One input of an agent with what it must answer. The files are data, so that an agent in any language can be held to them. */
const acceptanceCase = z.strictObject({
  name: z.string(),
  kind: z.enum(["in-domain", "out-of-domain", "ambiguous"]),
  view: z.record(z.string(), z.unknown()),
  /** What the result must match: see match.ts. */
  expected: z.unknown(),
  /** Of the outside world, for agents that act on it. */
  before: z
    .strictObject({
      bookings: z.array(booking).optional(),
      blocked: z
        .array(
          z.strictObject({
            crew: z.string().exactOptional(),
            date: z.string(),
            start: z.string().exactOptional(),
          }),
        )
        .optional(),
    })
    .optional(),
  after: z
    .strictObject({
      bookings: z.array(booking).optional(),
      /** The stored texts, as lines. */
      documents: z.array(z.array(z.string())).optional(),
    })
    .optional(),
});
export type AcceptanceCase = z.infer<typeof acceptanceCase>;

export const AGENTS = ["inquiry", "scheduling", "documents", "recommendation", "reply"] as const;
export type SampleAgent = (typeof AGENTS)[number];

export const acceptanceCases = (agent: SampleAgent): readonly AcceptanceCase[] =>
  z.array(acceptanceCase).parse(JSON.parse(readFileSync(new URL(`${agent}.json`, import.meta.url), "utf8")));
