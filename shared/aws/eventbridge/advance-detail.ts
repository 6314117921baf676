import { utf8Length } from "#core/json.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";

/** A publication as it travels. Without its events a reader fetches `first` to `last` from the log. */
export interface AdvanceDetail extends SessionAdvanced {
  readonly truncated?: true;
  /** Trace context of the first input that the commit answers. */
  readonly traceparent?: string;
}

/** The text of a publication, without its events where it would be larger than `maxBytes`. */
export function advanceText(advance: SessionAdvanced, maxBytes: number): string {
  const trace = advance.events
    .map((event) => event["traceparent"])
    .find((value) => typeof value === "string");
  const detail: AdvanceDetail = { ...advance, ...(trace !== undefined && { traceparent: trace }) };
  const text = JSON.stringify(detail);
  if (utf8Length(text) <= maxBytes) return text;
  return JSON.stringify({ ...detail, events: [], truncated: true } satisfies AdvanceDetail);
}
