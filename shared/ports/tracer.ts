/** What a span stands for: W3C trace context names traces, OpenTelemetry their spans. */
export interface SpanStart {
  /** Low in number: what is done, and no id. */
  readonly name: string;
  readonly kind: "server" | "consumer" | "producer" | "client" | "internal";
  /** The span that caused this one, as a `traceparent`. @default the one that is open */
  readonly parent?: string | undefined;
  /** Spans that it continues beside its parent, each as a `traceparent`. */
  readonly links?: readonly string[];
  readonly attributes?: SpanAttributes;
}

/** Names, ids and numbers. Never a text that a person wrote, nor a token. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Span {
  set(attributes: SpanAttributes): void;
  /** What it stands for went wrong, though its work throws nothing: the kind of that, and never its message. */
  fail(errorType: string): void;
}

/** Records what is done as spans. Whatever goes wrong with that is no trouble of the work. */
export interface Tracer {
  /** Runs work in a span that ends with it; what the work throws goes on, and its kind is in the span. */
  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
}
