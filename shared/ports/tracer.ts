/** A span's kind of work: W3C trace context names traces, OpenTelemetry their spans. */
export interface SpanStart {
  /** Low in cardinality: the operation, without ids. */
  readonly name: string;
  readonly kind: "server" | "consumer" | "producer" | "client" | "internal";
  /** The span that caused this one, as a `traceparent`. @default the one that is open */
  readonly parent?: string | undefined;
  /** Spans that it continues beside its parent, each as a `traceparent`. */
  readonly links?: readonly string[];
  readonly attributes?: SpanAttributes;
}

/** Names, ids and numbers. Never personal text or a token. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Span {
  set(attributes: SpanAttributes): void;
  /** The work failed without throwing: the kind of failure, never its message. */
  fail(errorType: string): void;
}

/** Records work as spans. A failure of tracing never fails the work. */
export interface Tracer {
  /** Runs work in a span that ends with it; an error is rethrown, and its kind is in the span. */
  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
}
