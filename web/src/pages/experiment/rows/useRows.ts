import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { ApiError } from '../../../api/http';
import type { Question } from './fetchWindow';
import { RowStore } from './RowStore';

export interface Rows {
  store: RowStore;
  /** The rows are those of the question before: the answer is on its way, or was a refusal. */
  isOld: boolean;
  error: unknown;
  retry: () => void;
}

/** The rows of a question; those of the one before until the first answer is there. */
export function useRows(question: Question | null): Rows | null {
  const client = useQueryClient();
  const shown = useRef<RowStore | null>(null);
  const key = JSON.stringify(question);
  const next = useMemo(() => {
    const parsed = JSON.parse(key) as Question | null;
    // What was open stays open where it is the same table, only newer or with other columns.
    return parsed && new RowStore(client, parsed, carriedOver(shown.current, parsed));
  }, [client, key]);
  useSyncExternalStore(next?.subscribe ?? nothing, next?.version ?? zero);
  useEffect(() => {
    next?.start();
    return () => next?.stop();
  }, [next]);

  // A filter that cannot be read shows the rows without it, dimmed.
  const isRefusedFilter = next?.error instanceof ApiError && next.error.details?.field === 'q';
  const needsOthers = isRefusedFilter && shown.current === null;
  const unfiltered = useMemo(() => {
    if (!needsOthers) return null;
    const parsed = JSON.parse(key) as Question;
    return new RowStore(client, { ...parsed, selection: { ...parsed.selection, q: '' } });
  }, [client, key, needsOthers]);
  useSyncExternalStore(unfiltered?.subscribe ?? nothing, unfiltered?.version ?? zero);
  useEffect(() => {
    unfiltered?.start();
    return () => unfiltered?.stop();
  }, [unfiltered]);

  if (next?.isReady) shown.current = next;
  else if (unfiltered?.isReady) shown.current = unfiltered;
  const store = shown.current ?? next;
  if (!store || !next) return null;
  // The same rows with other columns are not old: what is shown of them is true.
  const isOld = store !== next && !hasSameRows(store.question, next.question);
  return { store, isOld, error: next.error, retry: () => next.retry() };
}

const nothing = () => () => undefined;
const zero = () => 0;

/** Whether two questions mean the same rows, where no run stands below another one. */
function hasSameRows(a: Question, b: Question): boolean {
  const rows = ({ selection, sort, group, isTree, epoch }: Question) =>
    JSON.stringify([{ ...selection, parent: undefined }, sort, group, isTree, epoch]);
  return rows(a) === rows(b);
}

function carriedOver(before: RowStore | null, question: Question): RowStore | null {
  if (!before) return null;
  const same = (of: Question) => JSON.stringify([of.selection, of.group, of.isTree]);
  return same(before.question) === same(question) ? before : null;
}
