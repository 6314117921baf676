import { useEffect, useRef, useState } from "preact/hooks";
import { scrollFor } from "../model/row-window.ts";
import { endOf } from "../model/live-said.ts";
import { visibleIn, type MarkGroup, type Visible } from "../model/visible.ts";
import { counted, span } from "../model/texts.ts";
import type { Lane } from "../model/lanes.ts";
import { axis, events, lanes, said, selected } from "../state/open-session.ts";
import { alter } from "../state/console-page.ts";

const BAR = 16;
const LANE_PADDING = 7;
const HEAD = 20;
/** The width of a character of a bar's text, about. */
const CHARACTER = 6.2;

interface Row extends Lane {
  readonly top: number;
  readonly height: number;
}

function rowsOf(all: readonly Lane[]): readonly Row[] {
  let top = HEAD;
  return all.map((lane) => {
    const height = lane.rows * BAR + 2 * LANE_PADDING;
    const row = { ...lane, top, height };
    top += height;
    return row;
  });
}

/** Swim lanes: one for each agent, and for the producers, people and the spine. The table below it says the same. */
export function Picture() {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ left: 0, width: 900 });
  const rows = rowsOf(lanes.value.lanes);
  const height = (rows.at(-1)?.top ?? HEAD) + (rows.at(-1)?.height ?? 0) + 4;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => setView({ left: element.scrollLeft, width: element.clientWidth });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const x = axis.value.xs[selected.value - 1] ?? 0;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const margin = 60;
    const to = scrollFor(0, {
      scrollTop: element.scrollLeft - x,
      height: element.clientWidth - margin,
      rowHeight: margin,
    });
    if (to !== element.scrollLeft - x)
      element.scrollLeft = to + x - (to < element.scrollLeft - x ? margin : 0);
  }, [x, axis.value]);
  const shown = visibleIn(lanes.value, axis.value, { ...view, first: 1 });
  const problems = lanes.value.marks.filter(({ isProblem }) => isProblem).length;
  return (
    <figure class="picture">
      <div class="lane-names" aria-hidden="true">
        {rows.map(({ id, label, kind, top, height: tall }) => (
          <div
            key={id}
            class={`lane-name lane-${kind}`}
            style={{ top: `${top}px`, height: `${tall}px` }}
            title={label}
          >
            {label}
          </div>
        ))}
      </div>
      <div
        class="lanes"
        ref={box}
        tabIndex={0}
        role="region"
        aria-label="Swim lanes, scrolled from left to right"
        onScroll={({ currentTarget }) =>
          setView({ left: currentTarget.scrollLeft, width: currentTarget.clientWidth })
        }
      >
        <div
          class="lanes-width"
          style={{ width: `${Math.max(axis.value.width, view.width)}px`, height: `${height}px` }}
        >
          <svg
            class="lanes-view"
            width={view.width}
            height={height}
            role="img"
            aria-label={`${counted(lanes.value.lanes.length, "lane")}, ${counted(events.value.length, "event")}, ${counted(problems, "problem")}. The table of events says the same.`}
          >
            <Drawn shown={shown} rows={rows} left={view.left} width={view.width} height={height} at={x} />
          </svg>
        </div>
      </div>
      <figcaption>
        <Legend isFork={lanes.value.bars.some(({ kind }) => kind === "reused")} />
        {shown.left > 0 && (
          <strong> {counted(shown.left, "more thing")} in view, not drawn: scroll, or see the table.</strong>
        )}
      </figcaption>
    </figure>
  );
}

interface DrawnProps {
  readonly shown: Visible;
  readonly rows: readonly Row[];
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly at: number;
}

function Drawn({ shown, rows, left, width, height, at }: DrawnProps) {
  const byLane = new Map(rows.map((row) => [row.id, row]));
  const middle = (lane: string): number => {
    const row = byLane.get(lane);
    return row === undefined ? 0 : row.top + row.height / 2;
  };
  const folds = axis.value.folds.filter(({ x }) => x > left - 40 && x < left + width + 40);
  return (
    <>
      <defs>
        <pattern
          id="hatched"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="hatch" width="2" height="5" />
        </pattern>
        <marker
          id="arrowhead"
          viewBox="0 0 6 6"
          refX="5"
          refY="3"
          markerWidth="5"
          markerHeight="5"
          orient="auto"
        >
          <path class="arrow-head" d="M0 0l6 3-6 3z" />
        </marker>
      </defs>
      {rows.map(({ id, top, height: tall }, index) => (
        <rect
          key={id}
          class={index % 2 === 0 ? "lane even" : "lane"}
          x="0"
          y={top}
          width={width}
          height={tall}
        />
      ))}
      {folds.map(({ x, ms }) => (
        <g key={x} class="fold">
          <line x1={x - left} x2={x - left} y1={HEAD} y2={height} />
          <text x={x - left} y={13}>
            {span(ms)}
          </text>
        </g>
      ))}
      {shown.arrows.map(({ from, to, x, toX, fromLane, toLane }) => {
        const [y, toY] = [middle(fromLane), middle(toLane)];
        const isNear = from === selected.value || to === selected.value;
        const bend = (toX - x) / 2;
        return (
          <path
            key={`${from} ${to} ${toLane}`}
            class={isNear ? "arrow near" : "arrow"}
            d={`M${x - left} ${y}C${x - left + bend} ${y} ${toX - left - bend} ${toY} ${toX - left - 1} ${toY}`}
            marker-end="url(#arrowhead)"
          />
        );
      })}
      {shown.bars.map((bar) => {
        const row = byLane.get(bar.lane);
        if (row === undefined) return undefined;
        const [barX, y] = [bar.x - left, row.top + LANE_PADDING + bar.row * BAR];
        const textX = Math.max(barX, 0) + 4;
        const room = Math.floor((Math.min(barX + bar.width, width) - textX - 6) / CHARACTER);
        const text = bar.outcome === "open" ? said.value.get(bar.task ?? "")?.text : undefined;
        const isRoomy = room > bar.label.length;
        return (
          <g
            key={`${bar.from} ${bar.label}`}
            class={`bar ${bar.kind} ${bar.outcome}`}
            onClick={() => alter({ at: bar.from })}
          >
            <title>{`${bar.label}: ${bar.kind}, ${bar.outcome}, from event ${bar.from}${bar.to === undefined ? "" : ` to ${bar.to}`}${text === undefined ? "" : `: ${text}`}`}</title>
            <rect x={barX} y={y + 1} width={bar.width} height={BAR - 3} rx="2" />
            {bar.outcome !== "applied" && bar.outcome !== "open" && (
              <path class="cap" d={`M${barX + bar.width - 4} ${y + 2}l4 ${BAR / 2 - 3}-4 ${BAR / 2 - 3}`} />
            )}
            {isRoomy && (
              <text x={textX} y={y + BAR - 5}>
                {text === undefined ? bar.label : endOf(`${bar.label}: ${text}`, room)}
              </text>
            )}
          </g>
        );
      })}
      {shown.marks.map((mark) => (
        <MarkShape
          key={mark.sequence}
          mark={mark}
          x={mark.x - left}
          y={middle(mark.lane)}
          row={byLane.get(mark.lane)}
        />
      ))}
      <line class="cursor" x1={at - left} x2={at - left} y1={HEAD - 4} y2={height} />
    </>
  );
}

function MarkShape({
  mark,
  x,
  y,
  row,
}: {
  readonly mark: MarkGroup;
  readonly x: number;
  readonly y: number;
  readonly row: Row | undefined;
}) {
  const foot = row === undefined ? y : row.top + row.height - 3.5;
  const isSelected = mark.sequence === selected.value;
  const shape = mark.isProblem
    ? `M${x} ${foot - 6}l4 6h-8z`
    : mark.lane === "spine" || row?.kind === "agent"
      ? `M${x - 1} ${foot - 3}h2v4h-2z`
      : `M${x} ${y - 5}l5 5-5 5-5-5z`;
  return (
    <g
      class={`mark ${mark.isProblem ? "problem" : ""} ${isSelected ? "chosen" : ""}`}
      onClick={() => alter({ at: mark.sequence })}
    >
      <title>{`event ${mark.sequence}: ${mark.type}${mark.count > 1 ? ` and ${mark.count - 1} more` : ""}`}</title>
      <path d={shape} />
    </g>
  );
}

const KINDS = ["queued", "running", "asking", "waiting"] as const;

const Legend = ({ isFork }: { readonly isFork: boolean }) => (
  <span class="legend">
    {(isFork ? [...KINDS, "reused" as const] : KINDS).map((kind) => (
      <span key={kind}>
        <svg width="18" height="10" aria-hidden="true">
          <g class={`bar ${kind}`}>
            <rect x="1" y="1" width="16" height="8" rx="2" />
          </g>
        </svg>
        {kind === "asking"
          ? "waits for a person"
          : kind === "waiting"
            ? "waits for an event"
            : kind === "reused"
              ? "reused of the origin"
              : kind}
      </span>
    ))}
    <span>
      <svg width="12" height="10" aria-hidden="true">
        <g class="mark problem">
          <path d="M6 1l4 7H2z" />
        </g>
      </svg>
      problem
    </span>
  </span>
);
