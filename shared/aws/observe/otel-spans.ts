import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type SpanContext } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import type { SpanAttributes, SpanStart } from "#ports/tracer.ts";

export interface SpanRecorderOptions {
  /** Of the resource; `service.name` at least. */
  readonly resource: Readonly<Record<string, string>>;
  /** Where OTLP is taken over HTTP, without the path `/v1/traces`. */
  readonly endpoint: string;
  /** Which part of the traces that begin here is recorded, 0 to 1. What came with a verdict keeps it. */
  readonly ratio: number;
  /** The longest that an invocation waits for whoever takes its spans, ms. @default 500 */
  readonly exportMs?: number;
}

/** A span until it ends. */
export interface OpenSpan {
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** `errorType` is the kind of what went wrong, and never its message. */
  fail(errorType: string): void;
  end(): void;
}

export interface SpanRecorder {
  start(start: SpanStart, parent: string | undefined): OpenSpan;
  /** Sends what has ended, within `exportMs`. Never throws. */
  flush(): Promise<void>;
}

const EXPORT_MS = 500;
/** After an export that failed none is tried for so long, and spans are dropped: a collector that is down costs that once. */
const PAUSE_MS = 30_000;

const SCOPE = "event-spine";
const KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const;

/** Spans by OpenTelemetry's SDK, exported as OTLP JSON. Loaded on demand: without tracing no function has a byte of it. */
export function createSpanRecorder(options: SpanRecorderOptions): SpanRecorder {
  const { resource, endpoint, ratio, exportMs = EXPORT_MS } = options;
  const exporter = patient(new OTLPTraceExporter({ url: tracesAt(endpoint), timeoutMillis: exportMs }));
  const provider = new TracerProvider({
    resource: resourceFromAttributes(resource),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: exportMs })],
  });
  const tracer = provider.getTracer(SCOPE);

  return {
    start({ name, kind, attributes = {}, links = [] }, parent) {
      const from = parent === undefined ? undefined : contextOf(parent);
      const context = from === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, from);
      const span = tracer.startSpan(
        name,
        { kind: KINDS[kind], attributes, links: links.map((link) => ({ context: contextOf(link) })) },
        context,
      );
      return {
        traceparent: traceparentOf(span.spanContext()),
        set: (more) => void span.setAttributes(more),
        fail(errorType) {
          span.setAttributes({ "error.type": errorType });
          span.setStatus({ code: SpanStatusCode.ERROR });
        },
        end: () => void span.end(),
      };
    },

    async flush() {
      try {
        await provider.forceFlush({ timeoutMillis: exportMs });
      } catch {
        // What is told of a failure is the pause.
      }
    },
  };
}

function patient(inner: SpanExporter): SpanExporter {
  let pausedUntil = 0;
  return {
    export(spans, done) {
      if (Date.now() < pausedUntil) return done({ code: DROPPED });
      inner.export(spans, (result) => {
        if (result.code !== DROPPED) pausedUntil = Date.now() + PAUSE_MS;
        done(result);
      });
    },
    shutdown: () => inner.shutdown(),
  };
}

/** An export that counts as done. */
const DROPPED = 0;

const tracesAt = (endpoint: string): string => `${endpoint.replace(/\/+$/, "")}/v1/traces`;

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;

function contextOf(traceparent: string): SpanContext {
  const [, traceId = "", spanId = "", flags = "0"] = traceparent.split("-");
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
