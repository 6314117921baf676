/** A published or guessed distribution, ms. */
export interface Quantiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** Nothing takes longer. */
  readonly cap: number;
}

/** The standard normal's p90. */
const Z90 = 1.2815515655446004;

/**
 * The value at a share of a distribution. Below p90, normal scores interpolated on a log scale through the three quantiles, which
 * is a lognormal on either side of the median; above it a power law through p90 and p99, since tails of services are heavier than a
 * lognormal's; then the cap.
 */
export function quantileAt({ p10, p50, p90, p99, cap }: Quantiles, share: number): number {
  if (share >= 0.9)
    return Math.min(cap, p90 * Math.pow(0.1 / Math.max(1 - share, 1e-12), Math.log10(p99 / p90)));
  const z = normalScore(Math.max(share, 1e-9));
  const spread = z < 0 ? Math.log(p50 / p10) : Math.log(p90 / p50);
  return p50 * Math.exp((z / Z90) * spread);
}

/** The mean of a distribution, ms, by its quantiles. */
export function meanOf(quantiles: Quantiles): number {
  const steps = 20_000;
  let sum = 0;
  for (let step = 0; step < steps; step += 1) sum += quantileAt(quantiles, (step + 0.5) / steps);
  return sum / steps;
}

/** The standard normal's quantile function: Acklam's rational approximation, with a relative error below 1.15e-9. */
export function normalScore(share: number): number {
  const LOW = 0.02425;
  if (share < LOW) return tail(Math.sqrt(-2 * Math.log(share)));
  if (share > 1 - LOW) return -tail(Math.sqrt(-2 * Math.log(1 - share)));
  const q = share - 0.5;
  const r = q * q;
  return (polynomial(A, r) * q) / (polynomial(B, r) * r + 1);
}

const A = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const B = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
];
const C = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];

const polynomial = (factors: readonly number[], x: number): number =>
  factors.reduce((sum, factor) => sum * x + factor, 0);
const tail = (q: number): number => polynomial(C, q) / (polynomial(D, q) * q + 1);
