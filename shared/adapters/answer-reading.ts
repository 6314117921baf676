import type { ReportedUsage } from "#core/contract.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import type { Asking, Ended, Resumed } from "./framework.ts";

/** What an agent elsewhere tells in its answer, beside its result. */
export interface AnswerReading {
  /** What it cost, as the answer says. @default unknown */
  readonly usage?: (answer: Json) => ReportedUsage | undefined;
  /** The question in an answer, if it is one: a person is asked with `withApproval`. @default none is */
  readonly asks?: (answer: Json) => Pick<Asking, "question" | "checkpoint"> | undefined;
}

export function endedBy(answer: Json, { usage, asks }: AnswerReading): Ended {
  const spent = usage?.(answer);
  const used = spent !== undefined && { usage: spent };
  const asking = asks?.(answer);
  return asking === undefined ? { output: answer, ...used } : { ...asking, ...used };
}

/** What an agent elsewhere is sent by default: the view, and `resumed` where it goes on. */
export const withResumed = (view: Json, resumed: Resumed | undefined): unknown =>
  resumed !== undefined && isJsonObject(view) ? { ...view, resumed } : view;
