/** The rows of a long list that are drawn. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
}

/** Rows beyond the edges, so that scrolling a little shows no gap. */
const MARGIN = 6;

/** Which rows of equal height can be seen, and a few around them. */
export function rowWindow(
  {
    scrollTop,
    height,
    rowHeight,
  }: { readonly scrollTop: number; readonly height: number; readonly rowHeight: number },
  count: number,
): RowWindow {
  const first = Math.floor(scrollTop / rowHeight);
  const shown = Math.ceil(height / rowHeight) + 1;
  const from = Math.max(0, Math.min(first, count - 1) - MARGIN);
  return { from, to: Math.max(from, Math.min(count, first + shown + MARGIN)) };
}

/** Where to scroll so that a row is in view: where it is, if it already is. */
export function scrollFor(
  row: number,
  {
    scrollTop,
    height,
    rowHeight,
  }: { readonly scrollTop: number; readonly height: number; readonly rowHeight: number },
): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return scrollTop;
}
