import * as z from "zod/mini";
import { defineAgent } from "#core/contract.ts";
import { inquiryOutput } from "./inquiry.ts";
import { constraintsSection, inputSection, perhaps, sessionSection } from "./sections.ts";

export const FEATURES = ["service", "needs", "words", "season", "value", "popularity"] as const;

export const recommendedItem = z.object({
  id: z.string(),
  name: z.string(),
  price: z.number(),
  score: z.number(),
  /** The features that gave points, the strongest first; the points add up to the score. */
  reasons: z.array(z.object({ feature: z.enum(FEATURES), points: z.number() })),
});

export const recommendationOutput = z.object({
  items: z.array(recommendedItem),
  /** How many items of the catalogue were within the limits and compared. */
  considered: z.int().check(z.nonnegative()),
  /** Why there is nothing to recommend. */
  nothing: z.optional(z.enum(["no-match", "over-budget", "unavailable"])),
});

export type Feature = (typeof FEATURES)[number];
export type RecommendedItem = z.infer<typeof recommendedItem>;
export type Recommendation = z.infer<typeof recommendationOutput>;

export const recommendationView = z.object({
  input: inputSection,
  session: sessionSection,
  constraints: constraintsSection,
  inquiry: perhaps(inquiryOutput),
});
export type RecommendationView = z.infer<typeof recommendationView>;

/** Ranks a catalogue on the context. */
export const recommendation = defineAgent({
  name: "recommendation",
  reads: ["input", "session", "constraints", "inquiry"],
  input: recommendationView,
  output: recommendationOutput,
  timeoutMs: 5_000,
  // Advice that is a moment old is better than none.
  onStale: "accept",
});

export const recommendationFallback: Recommendation = { items: [], considered: 0, nothing: "unavailable" };
