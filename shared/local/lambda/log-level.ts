/** Levels of a function's lines, the most detailed first. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What Lambda takes a line for that names no level, which metrics in the embedded format do not. */
const ASSUMED: LogLevel = "INFO";

/** Whether Lambda hands a line on whose function logs from this level up; without one, in the text format, all of them. */
export const isLogged = (line: string, from: LogLevel | undefined): boolean =>
  from === undefined || LOG_LEVELS.indexOf(levelOf(line)) >= LOG_LEVELS.indexOf(from);

function levelOf(line: string): LogLevel {
  if (!line.startsWith("{")) return ASSUMED;
  try {
    const { level } = JSON.parse(line) as { readonly level?: unknown }; // an object, by its first letter
    const name = typeof level === "string" ? level.toUpperCase() : "";
    return LOG_LEVELS.find((known) => known === name) ?? ASSUMED;
  } catch {
    return ASSUMED;
  }
}
