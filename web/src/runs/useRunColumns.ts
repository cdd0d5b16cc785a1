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

/** So often reading begins again when the server made the list anew. Servers side by side do not know each other's lists. */
export const MOST_RESTARTS = 2;

/**
 * Window after window of one generation, so that no run is missed or twice. Where no generation lasts, the newest list
 * counts window by window, and each run once.
 */
export async function fetchRunColumns(
  selection: RunSelection,
  columns: readonly Column[],
  most: number,
  signal?: AbortSignal,
): Promise<RunColumns> {
  const first = columns.slice(0, COLUMNS);
  let found: RunColumns | null = null;
  for (let restarts = 0; !found; restarts += 1) {
    found = await readWindows(selection, first, most, restarts >= MOST_RESTARTS, signal);
  }
  for (let from = COLUMNS; from < columns.length; from += COLUMNS) {
    await addColumns(found, columns.slice(from, from + COLUMNS), signal);
  }
  return found;
}

/** `null` if the list was made anew meanwhile, unless any list will do. */
async function readWindows(
  selection: RunSelection,
  columns: readonly Column[],
  most: number,
  isAnyList: boolean,
  signal?: AbortSignal,
): Promise<RunColumns | null> {
  const cells = emptyColumns(columns);
  const found: RunColumns = { total: 0, ids: [], columns: cells };
  const seen = new Set<string>();
  let generation: string | null = null;
  let offset = 0;
  do {
    const limit = Math.min(WINDOW, most - offset);
    const answer: RunsTable = await runsTable({ ...selection, columns, offset, limit, generation }, signal);
    if (generation !== null && answer.generation !== generation && !isAnyList) return null;
    generation = answer.generation;
    found.total = answer.total;
    answer.ids.forEach((id, row) => {
      if (seen.has(id)) return;
      seen.add(id);
      found.ids.push(id);
      for (const column of columns) cells[column]?.push(answer.columns[column]?.[row] ?? null);
    });
    if (answer.ids.length === 0) break;
    offset += answer.ids.length;
  } while (offset < Math.min(found.total, most));
  return found;
}

/** More columns of runs that are known: asked for by their ids, so that they fit whatever the list is by now. */
async function addColumns(found: RunColumns, columns: readonly Column[], signal?: AbortSignal) {
  const cells = emptyColumns(columns);
  for (let from = 0; from < found.ids.length; from += WINDOW) {
    const ids = found.ids.slice(from, from + WINDOW);
    const answer = await runsTable({ ids, view: 'all', columns, offset: 0, limit: ids.length }, signal);
    const rows = new Map(answer.ids.map((id, row) => [id, row]));
    for (const column of columns) {
      for (const id of ids) cells[column]?.push(answer.columns[column]?.[rows.get(id) ?? -1] ?? null);
    }
  }
  Object.assign(found.columns, cells);
}

const emptyColumns = (columns: readonly Column[]): Record<Column, Cell[]> =>
  Object.fromEntries(columns.map((column) => [column, []]));
