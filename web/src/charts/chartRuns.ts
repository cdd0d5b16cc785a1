/** Runs of a table as charts need them. */

import type { Column, RunsTable } from '../api/types';
import { COLOR_TAG, runColor } from '../runs/colors';
import type { ChartRun } from './line/prepare';
import { textOf } from './runData';

/** The columns that it takes. */
export const CHART_RUN_COLUMNS: readonly Column[] = [
  'attribute.run_name',
  'attribute.status',
  `tag.${COLOR_TAG}`,
];

export function chartRunsOf(table: Pick<RunsTable, 'ids' | 'columns'> | undefined): ChartRun[] {
  if (!table) return [];
  const text = (column: string, i: number) => textOf(table.columns[column]?.[i]);
  return table.ids.map((id, i) => ({
    id,
    name: text('attribute.run_name', i) || id.slice(0, 8),
    color: runColor(id, text(`tag.${COLOR_TAG}`, i)),
    isRunning: text('attribute.status', i) === 'RUNNING',
  }));
}
