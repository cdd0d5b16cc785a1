import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { runsKeys, runsTable } from '../../../api/own';
import type { Column, RunSelection } from '../../../api/types';
import { COLOR_TAG } from '../../../runs/colors';
import { wireColumns } from '../../../runs/columns';
import { defaultColumns } from '../../../runs/defaultColumns';
import { type RunsState, selectionOf } from '../../../runs/runsState';
import { aggregateOf } from '../grid/cellText';
import { NAME } from '../grid/gridTypes';
import type { Question } from '../rows/fetchWindow';
import { MOST_IN_TREE } from '../rows/filteredTree';
import { type RunRow, runRows } from '../rows/rowTree';
import { useRows } from '../rows/useRows';

/** What the server answers a request for at most. */
const MOST_COLUMNS = 190;
const PARENT_TAG = 'mlflow.parentRunId';
/** So long the first rows wait for the columns that tell runs apart; over many runs the server takes longer to find them. */
const COLUMNS_MS = 60;
/** So long the rows of another filter wait for whether they are a tree. */
const TREE_MS = 200;

/** Everything that the table shows, from the state in the URL. `now` moves when the reader asks for what is new. */
export function useTable(experimentIds: readonly string[], state: RunsState, now: number, epoch: number) {
  const { q, search, view, hours } = state;
  const ids = experimentIds.join(',');
  const selection = useMemo<RunSelection>(
    () => selectionOf(ids.split(','), { q, search, view, hours }, now),
    [ids, q, search, view, hours, now],
  );
  const keys = useKeys(selection, epoch);
  const isFiltered = q !== '' || search !== '' || hours !== null;
  const isLate = useIsLate(keys.isPending, COLUMNS_MS);
  // Until it is known, the question is the one that is right in both cases.
  const hasChildren = keys.data ? keys.data.tags.some(({ key }) => key === PARENT_TAG) : keys.isPending;
  const isWanted =
    state.group.length === 0 &&
    (state.nested === 'on' || (state.nested === 'auto' && hasChildren && view === 'active'));
  // What a filter finds stands below its ancestors, if it is not too much.
  const isTooMany = isWanted && isFiltered && (keys.data?.total_runs ?? Infinity) > MOST_IN_TREE;
  const isTree = isWanted && isFiltered && !isTooMany;
  const isNested = isWanted && !isTooMany;

  const columns = useMemo(
    () => state.cols ?? defaultColumns(keys.data, ids.includes(',')),
    [state.cols, keys.data, ids],
  );
  const wire = useMemo(
    () =>
      wireColumns([
        NAME,
        'attribute.status',
        'attribute.lifecycle_stage',
        `tag.${COLOR_TAG}`,
        ...(isNested ? ['children'] : []),
        ...state.fix,
        ...columns,
      ]).slice(0, MOST_COLUMNS),
    [columns, state.fix, isNested],
  );

  // The columns, and whether rows stand below others, follow from the keys.
  const asked: Question | null =
    keys.data || keys.isError || isLate
      ? {
          selection: { ...selection, ...(isNested && !isTree && { parent: 'none' }) },
          sort: state.sort,
          columns: wire,
          group: state.group,
          aggregate: aggregateOf(state.show),
          ...(isTree && { isTree }),
          epoch,
        }
      : null;
  // Whether it is a tree follows from the keys of this filter; those of the one before would show a list first.
  const isOpen = isWanted && isFiltered && keys.isPlaceholderData;
  const isTooLate = useIsLate(isOpen, TREE_MS);
  const settled = useRef(asked);
  if (!isOpen || isTooLate) settled.current = asked;
  const question = settled.current;
  const rows = useRows(question);
  const pinned = usePinned(state.pin, wire, epoch);
  // Those below others match too.
  const total = (isNested && !isTree ? keys.data?.total_runs : undefined) ?? rows?.store.totalRuns ?? 0;
  return { total, selection, keys, hasChildren, isNested, isTooMany, columns, wire, rows, pinned };
}

/** Whether something has been pending for a while. */
function useIsLate(isPending: boolean, ms: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isPending) return;
    const timer = setTimeout(() => setLate(true), ms);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isPending, ms]);
  return isLate && isPending;
}

/** The keys of the matching runs; a filter that cannot be read leaves those of before. */
function useKeys(selection: RunSelection, epoch: number) {
  return useQuery({
    queryKey: ['runs/keys', selection, epoch],
    queryFn: ({ signal }) =>
      runsKeys({ ...selection, kinds: ['metric', 'param', 'tag', 'dataset'], limit: 10_000 }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

const NO_ROWS: readonly RunRow[] = [];

/** The pinned runs, in the order of their pinning. They need not match the filter: they are there to compare with. */
function usePinned(ids: readonly string[], columns: readonly Column[], epoch: number): readonly RunRow[] {
  const table = useQuery({
    queryKey: ['runs/table', 'pinned', ids, columns, epoch],
    queryFn: ({ signal }) => runsTable({ ids, view: 'all', columns, offset: 0, limit: ids.length }, signal),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    if (!table.data) return NO_ROWS;
    const rows = new Map(runRows(table.data, 'pinned', 0).map((row) => [row.id, row]));
    return ids.flatMap((id) => rows.get(id) ?? []);
  }, [table.data, ids]);
}
