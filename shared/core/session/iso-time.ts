/** A time as people and CloudEvents write it. */
export function isoTime(ms: number): string {
  // Formatting a given time is pure.
  // eslint-disable-next-line no-restricted-globals
  return new Date(ms).toISOString();
}
