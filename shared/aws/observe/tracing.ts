import { isSpineError } from "#core/errors.ts";
import type { Tracer } from "#ports/tracer.ts";
import { UNSEEN } from "#runtime/session/in-span.ts";
import { readOptionalEnv } from "../config.ts";
import { onDemand } from "../on-demand.ts";
import type { SpanRecorderOptions } from "./otel-spans.ts";
import { currentTrace, withTrace } from "./trace.ts";

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends the spans that have ended, before the function may be frozen. */
  flush(): Promise<void>;
}

/** Where a collector beside the function takes OTLP: an extension of it, such as ADOT's layer. */
const BESIDE = "http://localhost:4318";

/** Spans by OpenTelemetry, where the variables of the function ask for them. */
export function readTracing(
  service: string,
  { exportMs }: Pick<SpanRecorderOptions, "exportMs"> = {},
): Tracing | undefined {
  const wanted = readOptionalEnv("otel");
  if (wanted === undefined) return undefined;
  const ratio = Number(wanted);
  const recorder = onDemand(async () => {
    // Named as bundling.ts names it, which gives it a file of its own.
    const { createSpanRecorder } = await import("#aws/observe/otel-spans.ts");
    return createSpanRecorder({
      endpoint: readOptionalEnv("otlpEndpoint") ?? BESIDE,
      ratio: Number.isFinite(ratio) ? ratio : 1,
      resource: resourceOf(service),
      ...(exportMs !== undefined && { exportMs }),
    });
  });
  return {
    tracer: {
      async span(start, work) {
        // A function works without spans where they cannot be recorded.
        const recording = await recorder().catch(() => undefined);
        if (recording === undefined) return work(UNSEEN);
        const span = recording.start(start, start.parent ?? currentTrace().traceparent);
        try {
          return await withTrace({ ...currentTrace(), traceparent: span.traceparent }, () => work(span));
        } catch (error) {
          span.fail(kindOf(error));
          throw error;
        } finally {
          span.end();
        }
      },
    },
    flush: async () => {
      const recording = await recorder().catch(() => undefined);
      await recording?.flush();
    },
  };
}

/** The code of an error of ours, the name of another: messages may quote what a person wrote. */
const kindOf = (error: unknown): string =>
  isSpineError(error) ? error.code : error instanceof Error ? error.name : "Error";

function resourceOf(service: string): Readonly<Record<string, string>> {
  const { AWS_LAMBDA_FUNCTION_NAME: name, AWS_REGION: region } = process.env;
  return {
    "service.name": name ?? service,
    "service.namespace": "event-spine",
    "cloud.provider": "aws",
    ...(name !== undefined && { "faas.name": name }),
    ...(region !== undefined && { "cloud.region": region }),
  };
}
