/** Where events stand from left to right. */
export interface Axis {
  /** Pixels, by the event's index; they never decrease. */
  readonly xs: readonly number[];
  readonly width: number;
  /** Times in which nothing happened, drawn shorter than they were. */
  readonly folds: readonly Fold[];
}

export interface Fold {
  readonly x: number;
  readonly ms: number;
}

export const STEP = 14;
const FOLD_WIDTH = 44;
const PADDING = 12;
const LEAST_FOLD_MS = 1_000;
/** A pause this many times as long as the usual one is folded. */
const UNUSUAL = 30;

/** Every event as far from the next. */
export function axisBySequence(count: number): Axis {
  const xs = Array.from({ length: count }, (_, at) => PADDING + at * STEP);
  return { xs, width: (xs.at(-1) ?? 0) + PADDING, folds: [] };
}

/** By when events happened; idle times are folded. */
export function axisByTime(times: readonly number[]): Axis {
  const gaps = times.slice(1).map((time, at) => Math.max(0, time - (times[at] ?? time)));
  const long = gaps.filter((gap) => gap > 0).sort((one, other) => one - other);
  const usual = long[Math.floor(long.length / 2)] ?? 0;
  const foldMs = Math.max(LEAST_FOLD_MS, usual * UNUSUAL);
  const busy = gaps.filter((gap) => gap <= foldMs).reduce((sum, gap) => sum + gap, 0);
  const perMs = busy === 0 ? 0 : (times.length * STEP) / busy;
  const xs: number[] = [];
  const folds: Fold[] = [];
  let x = PADDING;
  for (const at of times.keys()) {
    const gap = at === 0 ? 0 : (gaps[at - 1] ?? 0);
    if (gap > foldMs) {
      folds.push({ x: x + FOLD_WIDTH / 2, ms: gap });
      x += FOLD_WIDTH;
    } else x += gap * perMs;
    xs.push(x);
  }
  return { xs, width: x + PADDING, folds };
}

/** Indices of the events between two positions, with one more at each end. */
export function within(
  { xs }: Axis,
  left: number,
  right: number,
): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, firstAt(xs, left) - 1), to: Math.min(xs.length, firstAt(xs, right) + 1) };
}

/** The first index whose position is not left of `x`. */
export function firstAt(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
