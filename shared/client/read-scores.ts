import * as z from "zod/mini";
import type { KeptScore } from "#core/scoring/kept-score.ts";
import type { ApiAnswer } from "./call.ts";
import { nextIn } from "./next-in.ts";

/** Scores that the client reads of one session: 50 requests. */
export const MOST_SCORES = 10_000;

const page = z.object({
  scores: z.array(
    z.object({
      sequence: z.number(),
      scorer: z.string(),
      version: z.exactOptional(z.string()),
      score: z.number(),
      label: z.exactOptional(z.string()),
      time: z.number(),
    }),
  ),
});

/** Reads all pages of a session's scores. */
export async function readScores(
  get: (path: string) => Promise<ApiAnswer>,
  path: string,
): Promise<readonly KeptScore[]> {
  const scores: KeptScore[] = [];
  let next: string | undefined;
  do {
    const query: string = next === undefined ? "" : `?cursor=${encodeURIComponent(next)}`;
    const { body, headers } = await get(path + query);
    scores.push(...page.parse(JSON.parse(body)).scores);
    ({ next } = nextIn(headers));
  } while (next !== undefined && scores.length < MOST_SCORES);
  return scores;
}
