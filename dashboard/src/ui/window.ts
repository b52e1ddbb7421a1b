/** Rows that are drawn beyond each edge, so that a scroll shows no hole before the next frame. */
const overscan = 4;

export interface Slice {
  /** First row that is drawn. */
  readonly from: number;
  /** After the last row that is drawn. */
  readonly to: number;
  /** Of the first drawn row from the top, px. */
  readonly offsetPx: number;
  readonly totalPx: number;
}

/** Which of `count` equally high rows are drawn at a scroll position. All lengths are px. */
export function sliceOf(
  count: number,
  rowPx: number,
  scrollTopPx: number,
  viewportPx: number,
): Slice {
  const first = Math.floor(Math.max(0, scrollTopPx) / rowPx) - overscan;
  const last = Math.ceil((Math.max(0, scrollTopPx) + viewportPx) / rowPx) + overscan;
  const to = Math.max(0, Math.min(count, last));
  const from = Math.max(0, Math.min(first, to));
  return { from, to, offsetPx: from * rowPx, totalPx: count * rowPx };
}

/** How far to scroll so that a row is wholly seen; undefined when it is already. */
export function scrollTopFor(
  index: number,
  rowPx: number,
  scrollTopPx: number,
  viewportPx: number,
): number | undefined {
  const top = index * rowPx;
  if (top < scrollTopPx) return top;
  if (top + rowPx > scrollTopPx + viewportPx) return top + rowPx - viewportPx;
  return undefined;
}
