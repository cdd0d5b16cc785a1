/** Which runs a comparison is of: in its address where they are few, under a name that the address has where not. */

import { runsTable, storeView } from '../api/own';
import type { RunSelection } from '../api/types';
import { paths, withQuery } from '../app/paths';
import { LONGEST } from '../url/storedQuery';

/** The most runs that are compared. */
export const MOST_RUNS = 1_000;

/** What is stored under a name. */
export interface StoredRuns {
  selection: RunSelection;
  /** How many runs were asked for by their ids: those above the most are left out. */
  count: number | null;
}

/** The address of a comparison of all these runs. */
export async function comparisonAddress(selection: RunSelection): Promise<string> {
  const plain = plainAddress(selection);
  if (plain !== null && plain.length <= LONGEST) return plain;
  try {
    const { id } = await storeView(storedRuns(selection));
    return withQuery('/compare', { v: id });
  } catch {
    // A server that stores nothing: the runs as they are now.
    const ids = selection.ids ?? (await idsOf(selection));
    return paths.compare(ids.slice(0, MOST_RUNS));
  }
}

export function storedRuns(selection: RunSelection): StoredRuns {
  const { ids } = selection;
  if (!ids) return { selection, count: null };
  return { selection: { ...selection, ids: ids.slice(0, MOST_RUNS) }, count: ids.length };
}

/** Reads what is stored; `null` if it does not say which runs are meant. */
export function parseStoredRuns(state: unknown): StoredRuns | null {
  const { selection, count } = (state ?? {}) as { selection?: RunSelection; count?: unknown };
  const isList = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');
  if (!isList(selection?.ids) && !isList(selection?.experiments)) return null;
  return { selection: selection as RunSelection, count: typeof count === 'number' ? count : null };
}

/** What an address can say by itself: ids, or a filter of active runs. */
function plainAddress(selection: RunSelection): string | null {
  const { ids, experiments, q, view, ...others } = selection;
  if (ids) return ids.length <= MOST_RUNS ? paths.compare(ids) : null;
  const isMore = Object.values(others).some((value) => value !== undefined && value !== null && value !== '');
  if (isMore || (view && view !== 'active')) return null;
  // Ids of experiments have no commas or backslashes: this is how the page reads a list.
  return withQuery('/compare', { q, experiments: experiments?.join(',') });
}

async function idsOf(selection: RunSelection): Promise<readonly string[]> {
  return (await runsTable({ ...selection, columns: [], offset: 0, limit: MOST_RUNS })).ids;
}
