/** A time as people and CloudEvents write it. */
export function isoTime(ms: number): string {
  // Formatting a given time is pure.
  // eslint-disable-next-line no-restricted-globals
  return new Date(ms).toISOString();
}

/** The time, in ms, that such a text says; none if it says none. */
export function readIsoTime(text: string): number | undefined {
  // Reading a given time is pure.
  // eslint-disable-next-line no-restricted-globals
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
