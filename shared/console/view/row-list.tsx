import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { rowWindow, scrollFor } from "../model/row-window.ts";

export interface Column {
  readonly name: string;
  /** The column's class, which gives its width. */
  readonly class: string;
}

interface RowListProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly count: number;
  /** The row that is kept in view; -1 is none. */
  readonly selected: number;
  /** One cell for each column. */
  readonly cells: (row: number) => readonly ComponentChildren[];
  readonly rowClass?: (row: number) => string;
  readonly onSelect: (row: number) => void;
  /** The last rows are in view. */
  readonly onEnd?: () => void;
}

export const ROW_HEIGHT = 26;

/** A table of any length: rows of one height, of which those in view are drawn. */
export function RowList({ label, columns, count, selected, cells, rowClass, onSelect, onEnd }: RowListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scrollTop: 0, height: 600 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => setView({ scrollTop: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const at = { ...view, rowHeight: ROW_HEIGHT };
  useEffect(() => {
    const element = box.current;
    if (element === null || selected < 0) return;
    const now = {
      scrollTop: element.scrollTop,
      height: element.clientHeight - ROW_HEIGHT,
      rowHeight: ROW_HEIGHT,
    };
    const to = scrollFor(selected, now);
    if (to !== element.scrollTop) element.scrollTop = to;
  }, [selected, count > 0]);
  const { from, to } = rowWindow(at, count);
  useEffect(() => {
    if (to >= count) onEnd?.();
  }, [to >= count, count]);
  const shown = Array.from({ length: to - from }, (_, index) => from + index);
  return (
    <div
      class="rows"
      ref={box}
      tabIndex={0}
      role="table"
      aria-label={label}
      aria-rowcount={count + 1}
      onScroll={({ currentTarget }) =>
        setView({ scrollTop: currentTarget.scrollTop, height: currentTarget.clientHeight })
      }
    >
      <div role="rowgroup" class="row-head">
        <div role="row" class="row" aria-rowindex={1}>
          {columns.map(({ name, class: width }) => (
            <span role="columnheader" key={name} class={`cell ${width}`}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="row-body" style={{ height: `${count * ROW_HEIGHT}px` }}>
        {shown.map((row) => (
          <div
            role="row"
            key={row}
            aria-rowindex={row + 2}
            class={`row ${row === selected ? "selected" : ""} ${rowClass?.(row) ?? ""}`}
            style={{ top: `${row * ROW_HEIGHT}px` }}
            onClick={() => onSelect(row)}
          >
            {cells(row).map((cell, column) => (
              <span role="cell" key={column} class={`cell ${columns[column]?.class ?? ""}`}>
                {cell}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
