import { Token } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { canTrace, TRACING_PACKAGES } from "../bundling/can-trace.ts";

/** Spans by OpenTelemetry, sent as OTLP over HTTP with JSON. */
export interface OtelTracing {
  /** The destination of spans, without `/v1/traces`. @default a collector beside each function, http://localhost:4318 */
  readonly endpoint?: string;
  /** ARN of the layer that contains the collector, such as ADOT's; for arm64, of the stack's Region. @default none */
  readonly collectorLayerArn?: string;
  /** The recorded share of the traces that start at the spine, above 0 to 1. @default 1 */
  readonly ratio?: number;
}

/** `off`; `xray`, Lambda's own active tracing; `otel`, the spine's own spans in one trace per event of a session. */
export type Tracing = "off" | "xray" | "otel" | OtelTracing;

/** Throws for a part of the traces that is none, and for a place where nothing can be sent. */
export function checkTracing(tracing: OtelTracing): OtelTracing {
  const { ratio = 1, endpoint } = tracing;
  if (!canTrace())
    throw new Error(
      `OpenTelemetry spans need packages that are not installed. Run npm install ${TRACING_PACKAGES.join(" ")}, or choose "xray" or "off".`,
    );
  if (!(ratio > 0 && ratio <= 1))
    throw new Error(
      `The ratio of traces is ${ratio}. Give a number above 0, up to 1; to trace nothing write "off".`,
    );
  if (endpoint !== undefined && !Token.isUnresolved(endpoint) && !isHttp(endpoint))
    throw new Error(
      `The endpoint of traces is "${endpoint}", which is not a URL. Give one such as https://otel.example.com.`,
    );
  return tracing;
}

const isHttp = (url: string): boolean => /^https?:$/.test(URL.parse(url)?.protocol ?? "");

interface TracedProps {
  readonly environment: Readonly<Record<string, string>>;
  readonly tracing?: lambda.Tracing;
  readonly layers?: lambda.ILayerVersion[];
}

/** What a function gets for its tracing. The right to send segments to X-Ray comes from the CDK, with active tracing only. */
export function tracedProps(scope: Construct, tracing: Tracing = "off"): TracedProps {
  if (tracing === "off") return { environment: {} };
  if (tracing === "xray") return { environment: {}, tracing: lambda.Tracing.ACTIVE };
  const { endpoint, collectorLayerArn, ratio = 1 } = checkTracing(tracing === "otel" ? {} : tracing);
  return {
    environment: {
      [Env.otel]: String(ratio),
      ...(endpoint !== undefined && { [Env.otlpEndpoint]: endpoint }),
    },
    ...(collectorLayerArn !== undefined && {
      layers: [lambda.LayerVersion.fromLayerVersionArn(scope, "Collector", collectorLayerArn)],
    }),
  };
}
