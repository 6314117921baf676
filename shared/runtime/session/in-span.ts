import type { Span, SpanStart, Tracer } from "#ports/tracer.ts";

/** The span where nothing is recorded. */
export const UNSEEN: Span = { set: () => undefined, fail: () => undefined };

/** Runs work in a span where there is a tracer, and else as it is. */
export function inSpan<T>(
  tracer: Tracer | undefined,
  start: SpanStart,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer === undefined ? work(UNSEEN) : tracer.span(start, work);
}
