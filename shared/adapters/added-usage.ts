import type { ReportedUsage } from "#core/contract.ts";

/** What one call of a model took, by the names that frameworks use. */
export interface CallUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
}

/** The usage of several calls of models. Nothing where none of them says any. */
export function addedUsage(
  calls: readonly (CallUsage | undefined)[],
  named: Pick<ReportedUsage, "provider" | "model"> = {},
): { readonly usage?: ReportedUsage } {
  const known = calls.filter((call) => call?.inputTokens !== undefined || call?.outputTokens !== undefined);
  if (known.length === 0) return {};
  const sum = (field: keyof CallUsage) => known.reduce((total, call) => total + (call?.[field] ?? 0), 0);
  return { usage: { inputTokens: sum("inputTokens"), outputTokens: sum("outputTokens"), ...named } };
}
