/** How often values of about one size were measured. */
export interface Histogram {
  add(value: number): void;
  readonly counts: ReadonlyMap<number, number>;
}

/** The bounds of a bin are so far apart: what comes out is within one in a hundred, as CloudWatch's is. */
const STEP = Math.log(1.01);
/** The bin of what is not above 0. */
const NOTHING = Number.MIN_SAFE_INTEGER;

export function createHistogram(): Histogram {
  const counts = new Map<number, number>();
  return {
    counts,
    add(value) {
      const bin = value > 0 ? Math.round(Math.log(value) / STEP) : NOTHING;
      counts.set(bin, (counts.get(bin) ?? 0) + 1);
    },
  };
}

/** The value that this share of all values, 0 to 1, reaches at most; undefined where nothing was measured. */
export function percentileOf(histograms: readonly Histogram[], share: number): number | undefined {
  const merged = new Map<number, number>();
  let all = 0;
  for (const { counts } of histograms) {
    for (const [bin, count] of counts) {
      merged.set(bin, (merged.get(bin) ?? 0) + count);
      all += count;
    }
  }
  let passed = 0;
  for (const [bin, count] of [...merged].sort(([a], [b]) => a - b)) {
    passed += count;
    if (passed >= share * all) return bin === NOTHING ? 0 : Math.exp(bin * STEP);
  }
  return undefined;
}
