import { createRequire } from "node:module";

/** What spans by OpenTelemetry are made with: peers of the package, of 20 MB, that are needed for nothing else. */
export const TRACING_PACKAGES = [
  "@opentelemetry/api",
  "@opentelemetry/exporter-trace-otlp-http",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace",
] as const;

const { resolve } = createRequire(import.meta.url);

/** Whether functions can be bundled with what makes spans. */
export function canTrace(): boolean {
  try {
    for (const name of TRACING_PACKAGES) resolve(name);
    return true;
  } catch {
    return false;
  }
}
