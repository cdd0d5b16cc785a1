import type { Column } from '../../../api/types';
import { stored } from '../../../app/stored';
import { columnLabel, columnNote, isMetric, isNumeric, sortColumn } from '../../../runs/columns';
import { type GridColumn, NAME } from '../grid/gridTypes';

export type Widths = Readonly<Record<Column, number>>;

/** How wide the reader made columns: a preference. */
export const widthsStore = stored<Widths>('runs.widths', (raw) => {
  if (typeof raw !== 'object' || raw === null) return {};
  return Object.fromEntries(
    Object.entries(raw).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
});

const WIDTHS: Readonly<Record<Column, number>> = {
  [NAME]: 248,
  'attribute.run_id': 272,
  'attribute.artifact_uri': 320,
  'attribute.start_time': 112,
  'attribute.end_time': 112,
  'attribute.duration': 104,
  'attribute.status': 104,
  'attribute.user_id': 96,
  'attribute.experiment_id': 168,
  source: 176,
  datasets: 200,
  models: 200,
};

/** `0.5123 ± 0.12`, also of very small numbers. */
const GROUPED_METRIC = 156;

/** Wide enough for the heading, up to a point. */
function defaultWidth(column: Column, isGrouped: boolean): number {
  if (isGrouped && isMetric(column)) return GROUPED_METRIC;
  const heading = (columnLabel(column).length + columnNote(column).length) * 6.8 + 52;
  return WIDTHS[column] ?? Math.round(Math.min(220, Math.max(isMetric(column) ? 104 : 96, heading)));
}

/** The columns in the order in which they stand: the name, those that stay at the edge, the others. */
export function gridColumns(
  columns: readonly Column[],
  fixed: readonly Column[],
  widths: Widths,
  isGrouped: boolean,
): GridColumn[] {
  const others = columns.filter((column) => column !== NAME && !fixed.includes(column));
  return [NAME, ...fixed, ...others].map((id) => ({
    id,
    label: columnLabel(id),
    note: columnNote(id),
    width: widths[id] ?? defaultWidth(id, isGrouped),
    isNumeric: isNumeric(id),
    sort: sortColumn(id),
    isFixed: id === NAME || fixed.includes(id),
  }));
}

/** `column` put before another, or at the end; before one that is not among them: to the front. */
export function moved(columns: readonly Column[], column: Column, before: Column | null): Column[] {
  if (before === column) return [...columns];
  const others = columns.filter((one) => one !== column);
  const at = before === null ? others.length : Math.max(0, others.indexOf(before));
  return [...others.slice(0, at), column, ...others.slice(at)];
}
