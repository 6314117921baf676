import { LogFormatter, LogItem } from "@aws-lambda-powertools/logger";

type Format = LogFormatter["formatAttributes"];

/** A line with what tells it from others: by default each carries constants, and a trace id that leads nowhere. */
export class LineFormatter extends LogFormatter {
  override formatAttributes(...[line, more]: Parameters<Format>): ReturnType<Format> {
    const attributes = {
      level: line.logLevel,
      message: line.message,
      timestamp: this.formatTimestamp(line.timestamp),
      service: line.serviceName,
      ...(isSampled() && { xray_trace_id: line.xRayTraceId }),
    };
    return new LogItem({ attributes }).addAttributes(more);
  }
}

/** Lambda hands every invocation a trace id; X-Ray keeps the sampled ones. */
const isSampled = (): boolean => process.env["_X_AMZN_TRACE_ID"]?.includes("Sampled=1") === true;
