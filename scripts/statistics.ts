/** The smallest value that a share of the values does not exceed, 0 of no values; what is infinite stands at the end. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export interface Share {
  readonly share: number;
  /** 95 % of intervals made like this one hold the true share. */
  readonly low: number;
  readonly high: number;
}

const Z95 = 1.959963984540054;

/** A share with Wilson's interval; where none was seen the upper bound is 3/N, the rule of three. */
export function shareOf(seen: number, of: number): Share {
  if (of === 0) return { share: NaN, low: NaN, high: NaN };
  const share = seen / of;
  if (seen === 0) return { share, low: 0, high: Math.min(1, 3 / of) };
  const middle = (share + Z95 ** 2 / (2 * of)) / (1 + Z95 ** 2 / of);
  const half = (Z95 / (1 + Z95 ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + Z95 ** 2 / (4 * of ** 2));
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export const sum = <T>(values: Iterable<T>, of: (value: T) => number): number => {
  let total = 0;
  for (const value of values) total += of(value);
  return total;
};
