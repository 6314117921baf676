import * as z from "zod/mini";
import { defineScorer, type Scorer } from "#core/scoring/scorer.ts";

const MOST_CHARACTERS = 600;
const texts = z.object({ text: z.string() });

/** Whether a run ended with a reply of its own. */
const answered = defineScorer({
  name: "answered",
  version: "1",
  labels: ["failed"],
  scores: ({ reply }) => (reply.failed ? { score: 0, label: "failed" } : { score: 1 }),
});

/** Whether a customer gets more to read than fits a screen; about failures it says nothing. */
const brief = defineScorer({
  name: "brief",
  version: "1",
  labels: ["long"],
  scores({ reply }) {
    const read = texts.safeParse(reply.body);
    if (reply.failed || !read.success) return undefined;
    const { length } = read.data.text;
    return length <= MOST_CHARACTERS ? { score: 1 } : { score: MOST_CHARACTERS / length, label: "long" };
  },
});

/** The sample's scorers: rules, no models. */
export const careScorers: readonly Scorer[] = [answered, brief];
