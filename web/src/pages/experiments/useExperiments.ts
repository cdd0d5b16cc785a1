import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { experimentsSummary } from '../../api/own';
import type { View } from '../../api/types';
import { wordsOf } from '../../design/marks';
import { type ExperimentsState, isFolderOpen } from './experimentsState';
import { flatRows, matches, type Row, treeRows } from './tree';

const POLL_MS = 15_000;
/** A list of thousands is some MB: less often. */
const POLL_MANY_MS = 60_000;
const MANY = 2_000;
const NONE: never[] = [];

/** All experiments of a view, read again now and then: many are changed by training programs meanwhile. */
export function useSummary(view: View) {
  return useQuery({
    queryKey: ['experiments/summary', view],
    queryFn: ({ signal }) => experimentsSummary(view, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.experiments.length ?? 0) > MANY ? POLL_MANY_MS : POLL_MS),
  });
}

/** The rows that the state shows. */
export function useRows(state: ExperimentsState) {
  const { data, error, refetch, isPlaceholderData } = useSummary(state.view);
  const all = data?.experiments;
  const { q, tag, sort, flat, fold, flip, shut } = state;
  const words = useMemo(() => wordsOf(q), [q]);
  const found = useMemo(() => {
    const filter = { words, tags: tag };
    return all?.filter((one) => matches(one, filter)) ?? NONE;
  }, [all, words, tag]);
  const isFiltered = words.length > 0 || tag.length > 0;
  const rows = useMemo<readonly Row[]>(() => {
    if (flat) return flatRows(found, sort);
    return treeRows(found, sort, isFolderOpen({ fold, flip, shut }, isFiltered));
  }, [found, sort, flat, fold, flip, shut, isFiltered]);
  return { all, found, rows, words, isFiltered, error, refetch, isOld: isPlaceholderData };
}
