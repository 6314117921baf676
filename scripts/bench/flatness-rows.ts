import type { Cost } from "../flat/measure.ts";
import { EARLY, FEW, LATE, MANY, WINDOW, type Flatness } from "../flat/flatness.ts";
import { rowOf, type Row } from "./row-of.ts";

/** A noisy machine may say a little more than the design's 1.1 of the CPU; of the rest no event has more. */
const MOST = 1.2;

const FIELDS: readonly (readonly [keyof Cost, string])[] = [
  ["cpuMicros", "CPU"],
  ["portCalls", "requests"],
  ["bytesWritten", "bytes written"],
  ["bytesRead", "bytes read"],
];

/** The greatest of the ratios, since each of them must be flat; the CPU apart, which no run measures exactly. */
function greatest(base: Cost, other: Cost): { readonly ratio: number; readonly how: string } {
  const ratios = FIELDS.map(([field, name]) => ({ name, ratio: other[field] / base[field] }));
  return {
    ratio: Math.max(...ratios.map(({ ratio }) => ratio)),
    how: ratios.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(", "),
  };
}

/** Work an event does late in a long session, and beside many agents: npm run flat's world in process. */
export function flatnessRows(flatness: Flatness | undefined): readonly Row[] {
  const long = flatness && greatest(flatness.young, flatness.old);
  const wide = flatness && greatest(flatness.young, flatness.beside);
  const greatestOf = (how: string | undefined) => how && `the greatest of ${how}`;
  return [
    rowOf(
      {
        id: "flat-events",
        measure: `work an event at events ${LATE + 1} to ${LATE + WINDOW} of a session against ${EARLY + 1} to ${EARLY + WINDOW}`,
        unit: "×",
        bound: MOST,
      },
      long?.ratio,
      greatestOf(long?.how),
    ),
    rowOf(
      {
        id: "flat-agents",
        measure: `the same beside ${MANY} agents against ${FEW}`,
        unit: "×",
        bound: MOST,
      },
      wide?.ratio,
      greatestOf(wide?.how),
    ),
  ];
}
