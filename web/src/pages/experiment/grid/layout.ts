import type { Active, GridColumn, GridLayout } from './gridTypes';
import { edges } from './viewport';

/** Below this width of the table only what names a run stays at its edge. */
const NARROW = 620;

/** Where each column stands in a table that is so wide. */
export function layoutOf(columns: readonly GridColumn[], tableWidth: number): GridLayout {
  const isNarrow = tableWidth > 0 && tableWidth < NARROW;
  const leadWidth = isNarrow ? 34 : 84;
  const isFixed = (column: GridColumn, index: number) => index === 0 || (column.isFixed && !isNarrow);
  const narrowed = columns.map((column, i) =>
    isNarrow && i === 0 ? { ...column, width: Math.min(column.width, 148) } : column,
  );
  const fixed = narrowed.filter(isFixed);
  const moving = narrowed.filter((column, i) => !isFixed(column, i));
  const fixedLefts = edges(fixed.map(({ width }) => width)).map((left) => left + leadWidth);
  const lefts = edges(moving.map(({ width }) => width));
  const width = (fixedLefts[fixedLefts.length - 1] ?? leadWidth) + (lefts[lefts.length - 1] ?? 0);
  return { leadWidth, fixed, fixedLefts, moving, lefts, width, isNarrow };
}

/** The column at a place that the keyboard counts: 0 are the controls. */
export function columnAt(layout: GridLayout, place: number): GridColumn | undefined {
  return layout.fixed[place - 1] ?? layout.moving[place - 1 - layout.fixed.length];
}

export function placesOf(layout: GridLayout): number {
  return 1 + layout.fixed.length + layout.moving.length;
}

/** How far to scroll sideways so that a column is in sight. */
export function scrollLeftFor(
  layout: GridLayout,
  place: number,
  scrollLeft: number,
  tableWidth: number,
): number {
  const index = place - 1 - layout.fixed.length;
  const left = layout.lefts[index];
  const right = layout.lefts[index + 1];
  if (index < 0 || left === undefined || right === undefined) return scrollLeft;
  const seen = tableWidth - (layout.fixedLefts[layout.fixedLefts.length - 1] ?? 0);
  if (left < scrollLeft) return left;
  if (right > scrollLeft + seen) return Math.min(left, right - seen);
  return scrollLeft;
}

/** Whether the active cell is in the page just now. */
export function isDrawn(
  active: Active,
  rows: { first: number; last: number },
  pinned: number,
  layout: GridLayout,
  columns: { first: number; last: number },
): boolean {
  const moving = active.column - 1 - layout.fixed.length;
  const isColumnDrawn = moving < 0 || (moving >= columns.first && moving < columns.last);
  if (!isColumnDrawn) return false;
  if (active.row < pinned) return active.row >= -1;
  return active.row - pinned >= rows.first && active.row - pinned < rows.last;
}
