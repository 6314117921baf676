import * as z from "zod/mini";
import { defineAgent } from "#core/contract.ts";
import { inquiryOutput } from "./inquiry.ts";
import { recommendationOutput } from "./recommendation.ts";
import { schedulingOutput } from "./scheduling.ts";
import { humanSection, inputSection, perhaps, sessionSection } from "./sections.ts";
import { DOCUMENT_KINDS } from "./vocabulary.ts";

export const storedDocument = z.object({
  kind: z.enum(DOCUMENT_KINDS),
  title: z.string(),
  key: z.string(),
  /** SHA-256 of the stored UTF-8 text, in hexadecimal. */
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

export const documentsOutput = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("stored"), document: storedDocument }),
  /** Nothing was stored: the kind is unknown, or its template has placeholders that the context cannot fill. */
  z.object({
    outcome: z.literal("incomplete"),
    kind: z.optional(z.enum(DOCUMENT_KINDS)),
    missing: z.array(z.string()),
  }),
  z.object({ outcome: z.literal("not-asked") }),
  z.object({ outcome: z.literal("unavailable") }),
]);

export type StoredDocument = z.infer<typeof storedDocument>;
export type Documents = z.infer<typeof documentsOutput>;

export const documentsView = z.object({
  input: inputSection,
  session: sessionSection,
  inquiry: perhaps(inquiryOutput),
  human: perhaps(humanSection),
  scheduling: perhaps(schedulingOutput),
  /** What an earlier message arranged, where this one is about it. */
  visit: perhaps(schedulingOutput),
  recommendation: perhaps(recommendationOutput),
});
export type DocumentsView = z.infer<typeof documentsView>;

/** Fills a template into a stored document. The key holds the hash of the text, so storing it again changes nothing. */
export const documents = defineAgent({
  name: "documents",
  reads: ["input", "session", "inquiry", "human", "scheduling", "visit", "recommendation"],
  input: documentsView,
  output: documentsOutput,
  timeoutMs: 5_000,
});

export const documentsFallback: Documents = { outcome: "unavailable" };
