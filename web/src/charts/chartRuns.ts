/** Runs of a table as charts need them. */

import type { Column, RunsTable } from '../api/types';
import { COLOR_TAG, runColors } from '../runs/colors';
import type { ChartRun } from './line/prepare';
import { textOf } from './runData';

/** The columns that it takes. */
export const CHART_RUN_COLUMNS: readonly Column[] = [
  'attribute.run_name',
  'attribute.status',
  `tag.${COLOR_TAG}`,
];

/** In the order of the tables; all of them are drawn together. */
export function chartRunsOf(...tables: (Pick<RunsTable, 'ids' | 'columns'> | undefined)[]): ChartRun[] {
  const rows = tables.flatMap((table) => {
    const text = (column: string, i: number) => textOf(table?.columns[column]?.[i]);
    return (table?.ids ?? []).map((id, i) => ({
      id,
      name: text('attribute.run_name', i) || id.slice(0, 8),
      chosen: text(`tag.${COLOR_TAG}`, i),
      isRunning: text('attribute.status', i) === 'RUNNING',
    }));
  });
  const colors = runColors(rows);
  return rows.map(({ id, name, isRunning }) => ({ id, name, isRunning, color: colors.get(id) ?? '' }));
}
