import { isJsonObject, type Json } from "#core/json.ts";

/** What a person decided on one call of a tool. */
export interface Decision {
  readonly approved: boolean;
  readonly reason?: string;
}

/**
 * Reads an answer as `APPROVAL` has it, or as a bare boolean. What says neither is no approval.
 *
 * @example
 * const { approved, reason } = decisionOn("call-1", answer);
 */
export function decisionOn(call: string, answer: Json): Decision {
  if (typeof answer === "boolean") return { approved: answer };
  if (!isJsonObject(answer)) return { approved: false };
  const { approved, calls, reason } = answer;
  const own = isJsonObject(calls) ? calls[call] : undefined;
  return {
    approved: (own ?? approved) === true,
    ...(typeof reason === "string" && { reason }),
  };
}
