import { useQuery } from '@tanstack/react-query';
import { runsTable } from '../api/own';
import type { Cell, Column, RunSelection, RunsTable } from '../api/types';

/** What the server takes at once. */
const WINDOW = 1_000;
const COLUMNS = 200;

/** Columns of all runs of a selection, in the order of the table. */
export type RunColumns = Pick<RunsTable, 'total' | 'ids' | 'columns'>;

/** All runs of a selection (at most `most`) with these columns; `total` is how many match. */
export function useRunColumns(
  selection: RunSelection,
  columns: readonly Column[],
  { most = 10_000, isEnabled = true }: { most?: number; isEnabled?: boolean } = {},
) {
  const wanted = [...new Set(columns)].sort();
  return useQuery({
    queryKey: ['runs/table', 'columns', selection, wanted, most],
    queryFn: ({ signal }) => fetchRunColumns(selection, wanted, most, signal),
    enabled: isEnabled,
    placeholderData: (before) => before,
  });
}

/** Window after window of one generation, so that no run is missed or twice. */
export async function fetchRunColumns(
  selection: RunSelection,
  columns: readonly Column[],
  most: number,
  signal?: AbortSignal,
): Promise<RunColumns> {
  const found: RunColumns = { total: 0, ids: [], columns: {} };
  let generation: string | null = null;
  for (let from = 0; from === 0 || from < columns.length; from += COLUMNS) {
    const part = columns.slice(from, from + COLUMNS);
    const cells: Record<Column, Cell[]> = Object.fromEntries(part.map((column) => [column, []]));
    const ids: string[] = [];
    do {
      const limit = Math.min(WINDOW, most - ids.length);
      const answer: RunsTable = await runsTable(
        { ...selection, columns: part, offset: ids.length, limit, generation },
        signal,
      );
      // The list was made anew: what came before may not fit it.
      if (generation !== null && answer.generation !== generation) {
        return fetchRunColumns(selection, columns, most, signal);
      }
      generation = answer.generation;
      found.total = answer.total;
      ids.push(...answer.ids);
      for (const column of part) cells[column]?.push(...(answer.columns[column] ?? []));
      if (answer.ids.length === 0) break;
    } while (ids.length < Math.min(found.total, most));
    found.ids = ids;
    Object.assign(found.columns, cells);
  }
  return found;
}
