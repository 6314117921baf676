import type { ScoreSummary } from "#core/scoring/score-summary.ts";
import type { Scorer } from "#core/scoring/scorer.ts";

/** The least mean of each scorer that has one, by name. */
export type Bounds = ReadonlyMap<string, number>;

/** Reads `0.8`, which is for every scorer, and `NAME=0.9`, which is for one of them. */
export function bounds(given: readonly string[], scorers: readonly Scorer[]): Bounds {
  const names = scorers.map(({ name }) => name);
  const least = new Map<string, number>();
  const read = given.map((text) => {
    const [, name, number = ""] = /^(?:([^=]+)=)?(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    const score = number === "" ? NaN : Number(number);
    if (!(score >= 0 && score <= 1))
      throw new Error(`--least: ${text} is no score. Write 0.8, or NAME=0.8 for one scorer.`);
    if (name !== undefined && !names.includes(name))
      throw new Error(`--least: no scorer is named ${name}. There are: ${names.join(", ")}.`);
    return { name, score };
  });
  for (const { name, score } of read)
    if (name === undefined) for (const each of names) least.set(each, score);
  for (const { name, score } of read) if (name !== undefined) least.set(name, score);
  return least;
}

/** What is below its bound. A scorer with a bound that scored nothing is: a gate must not pass for want of sessions. */
export const tooLow = (summaries: readonly ScoreSummary[], least: Bounds): readonly string[] =>
  [...least].flatMap(([name, bound]) => {
    const found = summaries.find(({ scorer }) => scorer === name);
    if (found === undefined) return [`${name} scored no reply.`];
    return found.mean < bound ? [`${name} has a mean of ${found.mean}, below ${bound}.`] : [];
  });
