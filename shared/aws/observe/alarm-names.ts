/**
 * The alarm that every spine has and whose name no alarm of an agent or a subscription ends with: by it the alarms of a spine
 * are told from those of another one whose prefix begins alike. This file imports nothing: infrastructure reads it as it is.
 */
export const EVERY_SPINES_ALARM = "unreadable-sessions";

/** What CloudWatch's name of a spine's alarm begins with. */
export const alarmPrefix = (prefix: string): string => `${prefix}-`;

/** The names that belong to a spine, of all that begin with its prefix. */
export function ownAlarmNames(prefix: string, names: readonly string[]): readonly string[] {
  const own = alarmPrefix(prefix);
  const end = `-${EVERY_SPINES_ALARM}`;
  const neighbours = names
    .filter((name) => name.endsWith(end) && name.length > own.length + EVERY_SPINES_ALARM.length)
    .map((name) => name.slice(0, name.length - end.length + 1));
  return names.filter((name) => name.startsWith(own) && !neighbours.some((other) => name.startsWith(other)));
}
