import { useCallback, useMemo, useState } from 'react';
import type { RunSelection } from '../../../api/types';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';

/** More than so many do not fit into an address. */
const MOST_IN_URL = 100;
/** More than so many the server takes only as a question. */
export const MOST_IDS = 1000;

export interface Selected {
  /** Selected one by one; empty if all are. */
  ids: readonly string[];
  /** Everything that matches, whether loaded or not. */
  isAll: boolean;
  has: (id: string) => boolean;
  set: (ids: readonly string[]) => void;
  selectAll: () => void;
  clear: () => void;
}

/** The selected runs: few are in the URL, many in memory, all of them as the question they answer. */
export function useSelected(state: RunsState, patch: Patch<RunsState>, question: RunSelection): Selected {
  const [many, setMany] = useState<readonly string[]>([]);
  // "All" means the runs of the question that was asked then.
  const [allOf, setAllOf] = useState<string | null>(null);
  const key = JSON.stringify(question);
  const isAll = allOf === key;
  const ids = useMemo(() => (isAll ? [] : many.length ? many : state.sel), [isAll, many, state.sel]);
  const set = useMemo(() => new Set(ids), [ids]);
  return {
    ids,
    isAll,
    has: useCallback((id: string) => isAll || set.has(id), [isAll, set]),
    set: (next) => {
      setAllOf(null);
      setMany(next.length > MOST_IN_URL ? next : []);
      patch({ sel: next.length > MOST_IN_URL ? [] : next }, { replace: true });
    },
    selectAll: () => {
      setMany([]);
      patch({ sel: [] }, { replace: true });
      setAllOf(key);
    },
    clear: () => {
      setMany([]);
      setAllOf(null);
      patch({ sel: [] }, { replace: true });
    },
  };
}
