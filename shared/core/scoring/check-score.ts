import { problemError, type SpineError } from "../errors.ts";
import { isLabel, type Score, type Scorer } from "./scorer.ts";

/** A scorer's answer as it may be kept. Throws `setting.invalid`, which quotes nothing but numbers. */
export function checkScore({ labels }: Scorer, given: Score | undefined, field: string): Score | undefined {
  if (given === undefined) return undefined;
  const { score, label } = given;
  if (!(typeof score === "number" && score >= 0 && score <= 1))
    throw wrongScore(
      field,
      `is ${typeof score === "number" ? score : `a ${typeof score}`}, not a number from 0 to 1`,
    );
  if (label !== undefined && !isLabel(label))
    throw wrongScore(field, "has a label that is not 1 to 64 letters, digits, spaces and ._:-");
  if (label !== undefined && labels !== undefined && !labels.includes(label))
    throw wrongScore(field, "has a label that is not among its labels");
  return { score, ...(label !== undefined && { label }) };
}

export const wrongScore = (field: string, problem: string): SpineError =>
  problemError("setting.invalid", { field, problem, repair: "Correct the scorer." });
