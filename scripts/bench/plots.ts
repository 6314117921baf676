import { escaped } from "../pages/escaped.ts";
/** Charts as SVG texts: few kinds, each with its axes in words, so that a reader needs nothing else. */

export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** Whether each axis is logarithmic. */
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** The end of the vertical axis. @default the largest value */
  readonly yMax?: number;
  readonly format?: (y: number) => string;
}

export interface Bars {
  readonly title: string;
  readonly xLabel: string;
  /** A bar each, made of parts that stand on one another. */
  readonly bars: readonly { readonly name: string; readonly parts: readonly Part[] }[];
  readonly format?: (value: number) => string;
}

export interface Part {
  readonly name: string;
  readonly color: string;
  readonly value: number;
}

const WIDTH = 720;
const HEIGHT = 380;
const LEFT = 70;
const RIGHT = 150;
const TOP = 46;
const BOTTOM = 52;
const INK = "#24292f";
const LINE = "#d0d7de";

const number = (value: number): string => String(Math.round(value * 10) / 10);

interface TextOptions {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly bold?: boolean;
  readonly turned?: boolean;
}

function text(
  x: number,
  y: number,
  what: string,
  { anchor = "start", size = 12, bold, turned }: TextOptions = {},
): string {
  const turn = turned === true ? ` transform="rotate(-90 ${number(x)} ${number(y)})"` : "";
  const weight = bold === true ? ' font-weight="600"' : "";
  return `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}" font-size="${size}" fill="${INK}"${weight}${turn}>${escaped(what)}</text>`;
}

const line = (x1: number, y1: number, x2: number, y2: number, color = LINE): string =>
  `<line x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}" stroke="${color}"/>`;

const page = (title: string, height: number, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(LEFT, 26, title, { size: 15, bold: true }),
    ...parts,
    "</svg>",
    "",
  ].join("\n");

/** Where a value stands between two ends, from 0 to 1. */
const positionOf = (value: number, [low, high]: readonly [number, number], isLog: boolean): number =>
  isLog
    ? (Math.log(Math.max(value, low)) - Math.log(low)) / (Math.log(high) - Math.log(low))
    : (value - low) / (high - low);

export function lineChart({
  title,
  xLabel,
  yLabel,
  series,
  logX = false,
  logY = false,
  yMax,
  format = number,
}: LineChart): string {
  const points = series.flatMap((one) => one.points).filter(({ y }) => Number.isFinite(y));
  const xs = [...new Set(series.flatMap((one) => one.points.map(({ x }) => x)))].sort((a, b) => a - b);
  const positive = points.map(({ y }) => y).filter((y) => y > 0);
  const top = yMax ?? Math.max(...positive, 1e-9) * (logY ? 2 : 1.1);
  const yEnds = [logY ? Math.min(...positive, top / 10) / 2 : 0, top] as const;
  const xEnds = [xs[0] ?? 0, Math.max(xs.at(-1) ?? 1, (xs[0] ?? 0) + 1e-9)] as const;
  const width = WIDTH - LEFT - RIGHT;
  const height = HEIGHT - TOP - BOTTOM;
  const at = ({ x, y }: { readonly x: number; readonly y: number }) => ({
    x: LEFT + positionOf(x, xEnds, logX) * width,
    y: TOP + (1 - Math.min(1, positionOf(y, yEnds, logY))) * height,
  });
  const ticks = ticksOf(yEnds, logY);
  return page(title, HEIGHT, [
    ...ticks.flatMap((y) => {
      const place = at({ x: xEnds[0], y }).y;
      return [
        line(LEFT, place, LEFT + width, place),
        text(LEFT - 8, place + 4, format(y), { anchor: "end" }),
      ];
    }),
    ...xs.map((x) => text(at({ x, y: 0 }).x, TOP + height + 20, number(x), { anchor: "middle" })),
    text(LEFT + width / 2, HEIGHT - 10, xLabel, { anchor: "middle" }),
    text(18, TOP + height / 2, yLabel, { anchor: "middle", turned: true }),
    ...series.flatMap((one, index) => {
      const finite = one.points.filter(({ y }) => Number.isFinite(y));
      const path = finite.map((point) => `${number(at(point).x)},${number(at(point).y)}`).join(" ");
      return [
        `<polyline points="${path}" fill="none" stroke="${one.color}" stroke-width="2.5"/>`,
        ...finite.map(
          (point) =>
            `<circle cx="${number(at(point).x)}" cy="${number(at(point).y)}" r="3.5" fill="${one.color}"/>`,
        ),
        `<rect x="${LEFT + width + 14}" y="${TOP + 6 + index * 22}" width="12" height="12" fill="${one.color}"/>`,
        text(LEFT + width + 32, TOP + 16 + index * 22, one.name),
      ];
    }),
  ]);
}

const ROW = 34;
const NAME_WIDTH = 150;

export function barChart({ title, xLabel, bars, format = number }: Bars): string {
  const totals = bars.map(({ parts }) => parts.reduce((total, { value }) => total + value, 0));
  const most = Math.max(...totals, 1e-9) * 1.1;
  const left = NAME_WIDTH;
  const width = WIDTH - left - 80;
  const legend = [...new Map(bars.flatMap(({ parts }) => parts).map((part) => [part.name, part.color]))];
  const height = TOP + bars.length * ROW + 46 + Math.ceil(legend.length / 4) * 20;
  return page(title, height, [
    ...bars.flatMap(({ name, parts }, row) => {
      const y = TOP + row * ROW;
      let x = left;
      const rects = parts.map(({ color, value }) => {
        const own = (value / most) * width;
        const rect = `<rect x="${number(x)}" y="${y}" width="${number(own)}" height="${ROW - 10}" fill="${color}"/>`;
        x += own;
        return rect;
      });
      return [
        text(left - 8, y + 16, name, { anchor: "end" }),
        ...rects,
        text(x + 6, y + 16, format(totals[row] ?? 0)),
      ];
    }),
    text(left + width / 2, TOP + bars.length * ROW + 16, xLabel, { anchor: "middle" }),
    ...legend.flatMap(([name, color], at) => {
      const x = 20 + (at % 4) * 172;
      const y = TOP + bars.length * ROW + 34 + Math.floor(at / 4) * 20;
      return [`<rect x="${x}" y="${y}" width="12" height="12" fill="${color}"/>`, text(x + 18, y + 11, name)];
    }),
  ]);
}

const TICKS = 5;

function ticksOf([low, high]: readonly [number, number], isLog: boolean): readonly number[] {
  if (isLog) {
    const ticks: number[] = [];
    for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power += 1) ticks.push(10 ** power);
    return ticks;
  }
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let tick = low; tick <= high * 1.0001; tick += step) ticks.push(tick);
  return ticks;
}
