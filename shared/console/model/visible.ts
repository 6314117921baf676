import { within, type Axis } from "./axis.ts";
import type { Arrow, Bar, Lanes, Mark } from "./lanes.ts";

/** Marks of one lane that stand too close to be told apart. */
export interface MarkGroup extends Mark {
  readonly x: number;
  /** How many they are. */
  readonly count: number;
}

export interface Visible {
  readonly bars: readonly (Bar & { readonly x: number; readonly width: number })[];
  readonly marks: readonly MarkGroup[];
  readonly arrows: readonly (Arrow & { readonly x: number; readonly toX: number })[];
  /** What lies in view and is not drawn, because so much would be. */
  readonly left: number;
}

/** What is drawn at most of each kind: the page stays below 2,000 nodes. */
export const MOST_DRAWN = 250;
const CLOSE = 6;
const NARROWEST = 3;

/** What a window onto the picture shows. */
export function visibleIn(
  { bars, marks, arrows }: Lanes,
  axis: Axis,
  { left, width, first }: { readonly left: number; readonly width: number; readonly first: number },
): Visible {
  const right = left + width;
  const { from, to } = within(axis, left, right);
  const [low, high] = [first + from, first + to - 1];
  const x = (sequence: number): number => axis.xs[sequence - first] ?? axis.width;
  const shownBars = bars.filter((bar) => bar.from <= high && (bar.to ?? Infinity) >= low);
  const shownArrows = arrows.filter((arrow) => arrow.from <= high && arrow.to >= low);
  const inView = marks.slice(from, to);
  let groups: readonly MarkGroup[] = [];
  for (let close = CLOSE; ; close *= 2) {
    groups = grouped(inView, x, close);
    if (groups.length <= MOST_DRAWN) break;
  }
  return {
    bars: shownBars.slice(0, MOST_DRAWN).map((bar) => ({
      ...bar,
      x: x(bar.from),
      width: Math.max(NARROWEST, (bar.to === undefined ? axis.width : x(bar.to)) - x(bar.from)),
    })),
    marks: groups,
    arrows: shownArrows
      .slice(0, MOST_DRAWN)
      .map((arrow) => ({ ...arrow, x: x(arrow.from), toX: x(arrow.to) })),
    left: Math.max(0, shownBars.length - MOST_DRAWN) + Math.max(0, shownArrows.length - MOST_DRAWN),
  };
}

function grouped(
  marks: readonly Mark[],
  x: (sequence: number) => number,
  close: number,
): readonly MarkGroup[] {
  const last = new Map<string, number>();
  const groups: MarkGroup[] = [];
  for (const mark of marks) {
    const key = `${mark.lane} ${mark.isProblem}`;
    const at = last.get(key);
    const group = at === undefined ? undefined : groups[at];
    const here = x(mark.sequence);
    if (at !== undefined && group !== undefined && here - group.x < close) {
      groups[at] = { ...group, count: group.count + 1 };
      continue;
    }
    last.set(key, groups.length);
    groups.push({ ...mark, x: here, count: 1 });
  }
  return groups;
}
