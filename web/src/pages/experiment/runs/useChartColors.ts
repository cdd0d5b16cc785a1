import { useMemo } from 'react';
import { boardSchema } from '../../../charts/boardState';
import { COLOR_TAG, runColors } from '../../../runs/colors';
import { usePageState } from '../../../url/usePageState';
import type { RowStore } from '../rows/RowStore';
import type { RunRow } from '../rows/rowTree';

/** The colours that the charts of the same state give their runs: the first of the table's order, and the pinned ones. */
export function useChartColors(
  store: RowStore | undefined,
  pinned: readonly RunRow[],
): ReadonlyMap<string, string> {
  const [{ n }] = usePageState(boardSchema);
  const runs = new Map(pinned.map((row) => [row.id, chosenOf(row)]));
  for (let at = 0; at < Math.min(n, store?.count ?? 0); at += 1) {
    const row = store?.rowAt(at);
    if (row?.kind === 'run') runs.set(row.id, chosenOf(row));
  }
  const key = JSON.stringify([...runs]);
  return useMemo(
    () => runColors((JSON.parse(key) as [string, string][]).map(([id, chosen]) => ({ id, chosen }))),
    [key],
  );
}

const chosenOf = (row: RunRow) => String(row.cells[`tag.${COLOR_TAG}`] ?? '');
