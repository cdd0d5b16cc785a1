/** Which rows and columns of a large table are in sight. Pure: the grid feeds it what it measures. */

/** Browsers stop laying out near 16 million px; above this, a px of the scrollbar stands for more than one of rows. */
export const MAX_CANVAS = 10_000_000;

/** Rows that are drawn together, so that scrolling by one row draws nothing, and few enough for one frame. */
const STEP = 4;

export interface Measures {
  scrollTop: number;
  /** Height in which rows are seen. */
  height: number;
  count: number;
  rowHeight: number;
}

export interface VisibleRows {
  /** The rows to draw, the last one not included. */
  first: number;
  last: number;
  /** What to add to `index * rowHeight` for the row's place in the canvas. */
  shift: number;
}

/** How many rows are drawn at most: a row that goes out of sight leaves its place in the page to one that comes. */
export function slotsOf({ height, rowHeight }: Pick<Measures, 'height' | 'rowHeight'>): number {
  return (Math.ceil(height / rowHeight / STEP) + 3) * STEP;
}

export function canvasHeight({ count, rowHeight }: Pick<Measures, 'count' | 'rowHeight'>): number {
  return Math.min(count * rowHeight, MAX_CANVAS);
}

/** Px of rows above the sight. */
function realTop({ scrollTop, height, count, rowHeight }: Measures): number {
  const real = count * rowHeight;
  if (real <= MAX_CANVAS) return scrollTop;
  return (scrollTop / (MAX_CANVAS - height)) * (real - height);
}

export function visibleRows(measures: Measures): VisibleRows {
  const { scrollTop, height, count, rowHeight } = measures;
  const top = realTop(measures);
  const first = Math.floor(top / rowHeight / STEP) * STEP - STEP;
  const last = Math.ceil((top + height) / rowHeight / STEP) * STEP + STEP;
  return {
    first: Math.max(0, Math.min(first, count)),
    last: Math.max(0, Math.min(last, count)),
    shift: scrollTop - top,
  };
}

/** The rows that are seen at least in part: for "rows 1–40 of 100,000". */
export function seenRows(measures: Measures): { first: number; last: number } {
  const top = realTop(measures);
  const first = Math.floor(top / measures.rowHeight);
  const last = Math.ceil((top + measures.height) / measures.rowHeight);
  return { first: Math.min(first, measures.count), last: Math.min(last, measures.count) };
}

/** Where to scroll so that a row is in sight; the present place if it is. */
export function scrollTopFor(index: number, measures: Measures): number {
  const { scrollTop, height, count, rowHeight } = measures;
  const top = realTop(measures);
  const row = index * rowHeight;
  const wanted = row < top ? row : row + rowHeight > top + height ? row + rowHeight - height : top;
  if (wanted === top) return scrollTop;
  const real = count * rowHeight;
  if (real <= MAX_CANVAS) return wanted;
  return (wanted / (real - height)) * (MAX_CANVAS - height);
}

/** Left edges of columns that stand side by side, and the right edge of the last. */
export function edges(widths: readonly number[]): number[] {
  const found = [0];
  for (const width of widths) found.push((found[found.length - 1] ?? 0) + width);
  return found;
}

/** The columns between two x, the last one not included, with one to spare on each side. */
export function visibleColumns(
  lefts: readonly number[],
  from: number,
  to: number,
): { first: number; last: number } {
  const count = lefts.length - 1;
  let first = 0;
  while (first < count && (lefts[first + 1] ?? 0) <= from) first += 1;
  let last = first;
  while (last < count && (lefts[last] ?? 0) < to) last += 1;
  return { first: Math.max(0, first - 1), last: Math.min(count, last + 1) };
}
