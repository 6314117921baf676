/** One measure, beside what it should reach. */
export interface Row {
  readonly id: string;
  readonly measure: string;
  readonly value: number | null;
  readonly unit: string;
  readonly bound: number;
  /** Whether a smaller value is a better one. */
  readonly smaller: boolean;
  readonly met: boolean | null;
  /** What the value is made of, or why there is none. */
  readonly how: string;
}

interface Measure {
  readonly id: string;
  readonly measure: string;
  readonly unit: string;
  readonly bound: number;
  readonly smaller?: boolean;
}

/** The row of a value; without one it says so. */
export const rowOf = (measure: Measure, value: number | undefined, how = "not measured in this run"): Row => {
  const { smaller = true } = measure;
  const known = value !== undefined && !Number.isNaN(value);
  const met = known ? (smaller ? value <= measure.bound : value >= measure.bound) : null;
  return { ...measure, smaller, value: known ? value : null, met, how };
};
