import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Cell, Column, RunSelection } from '../../../api/types';
import { fetchRunColumns } from '../../../runs/useRunColumns';
import { MOST_RUNS } from '../../../runs/comparison';

/** So many rows of the table are read at once. */
const CHUNK = 100;

/** The cells of the rows in sight and those around them, for each run in the page's order. */
export function useCells(
  selection: RunSelection,
  runIds: readonly string[],
  columns: readonly Column[],
  [first, last]: readonly [number, number],
): { cellsOf: (column: Column) => readonly Cell[] | null; error: unknown; retry: () => void } {
  const chunks = useMemo(() => {
    const found: Column[][] = [];
    for (let i = 0; i < columns.length; i += CHUNK) found.push(columns.slice(i, i + CHUNK));
    return found;
  }, [columns]);
  const queries = useQueries({
    queries: chunks.map((chunk, i) => ({
      queryKey: ['runs/table', 'columns', selection, chunk, MOST_RUNS],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchRunColumns(selection, chunk, MOST_RUNS, signal),
      enabled: runIds.length > 0 && i * CHUNK <= last + CHUNK / 2 && (i + 1) * CHUNK > first - CHUNK / 2,
    })),
    combine: (all) => ({
      data: all.map((one) => one.data),
      error: all.find((one) => one.isError)?.error ?? null,
      retry: () => all.forEach((one) => one.isError && void one.refetch()),
    }),
  });
  const cells = useMemo(() => {
    const byColumn = new Map<Column, readonly Cell[]>();
    for (const answer of queries.data) {
      if (!answer) continue;
      const row = new Map(answer.ids.map((id, i) => [id, i]));
      const order = runIds.map((id) => row.get(id) ?? -1);
      for (const [column, values] of Object.entries(answer.columns)) {
        byColumn.set(
          column,
          order.map((at) => values[at] ?? null),
        );
      }
    }
    return byColumn;
  }, [queries.data, runIds]);
  return { cellsOf: (column) => cells.get(column) ?? null, error: queries.error, retry: queries.retry };
}
