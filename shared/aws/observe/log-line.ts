export type LogLevel = "INFO" | "WARN";

/** A line of a function's log, as JSON; `message` comes first to the eye, and `service` says which function. */
export function logLine(
  level: LogLevel,
  message: string,
  service: string,
  fields: Readonly<Record<string, unknown>>,
  now: number,
): string {
  return JSON.stringify({ level, message, timestamp: new Date(now).toISOString(), service, ...fields });
}
