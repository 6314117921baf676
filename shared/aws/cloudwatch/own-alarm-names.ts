import { alarmPrefix, EVERY_SPINES_ALARM } from "../names.ts";

/** The names that belong to a spine's alarms: those of another spine, whose prefix goes on after this one's, are left out. */
export function ownAlarmNames(prefix: string, names: readonly string[]): readonly string[] {
  const own = alarmPrefix(prefix);
  const others = names
    .filter((name) => name.startsWith(own) && name.endsWith(`-${EVERY_SPINES_ALARM}`))
    .map((name) => name.slice(0, -EVERY_SPINES_ALARM.length))
    .filter((found) => found !== own);
  return names.filter((name) => name.startsWith(own) && !others.some((other) => name.startsWith(other)));
}
