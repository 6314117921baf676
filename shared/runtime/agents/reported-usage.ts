import type { Answered, ReportedUsage, Usage } from "#core/contract.ts";
import type { SpineError } from "#core/errors.ts";
import { problemError } from "#core/errors.ts";
import type { SpanAttributes } from "#ports/tracer.ts";

const MAX_NAME = 256;

/** Throws `answer.malformed` for what the door would not take: refused there, the message would come again and again. */
export function checkReported({
  confidence,
  usage = {},
}: Pick<Answered<unknown>, "confidence" | "usage">): void {
  const { provider, model, ...amounts } = usage;
  checkNumber("confidence", confidence, 1);
  for (const [field, amount] of Object.entries(amounts)) checkNumber(`usage.${field}`, amount, Infinity);
  for (const [field, name] of Object.entries({ provider, model })) checkName(`usage.${field}`, name);
}

/** OpenTelemetry's conventions have no attribute for tokens that are not told apart, and none for money. */
export const usageAttributes = (usage: ReportedUsage): SpanAttributes => ({
  "gen_ai.provider.name": usage.provider,
  "gen_ai.request.model": usage.model,
  "gen_ai.usage.input_tokens": usage.inputTokens,
  "gen_ai.usage.output_tokens": usage.outputTokens,
  "event_spine.usage.tokens": usage.tokens,
  "event_spine.usage.money": usage.money,
});

/** What counts against the budgets. */
export function chargedFor({ tokens, money, inputTokens, outputTokens }: ReportedUsage): Usage {
  const both =
    inputTokens !== undefined && outputTokens !== undefined ? inputTokens + outputTokens : undefined;
  const charged = tokens ?? both;
  return { ...(charged !== undefined && { tokens: charged }), ...(money !== undefined && { money }) };
}

function checkNumber(field: string, value: number | undefined, most: number): void {
  if (value === undefined || (value >= 0 && value <= most)) return;
  const repair = most === Infinity ? "Give a number from 0." : `Give a number from 0 to ${most}.`;
  throw malformed(field, `is ${value}`, repair);
}

function checkName(field: string, value: unknown): void {
  if (value === undefined || (typeof value === "string" && value.length <= MAX_NAME)) return;
  throw malformed(field, "is not a name", `Give a text of up to ${MAX_NAME} characters.`);
}

const malformed = (field: string, problem: string, repair: string): SpineError =>
  problemError("answer.malformed", { field, problem, repair });
