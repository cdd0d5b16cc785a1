import { useEffect, useRef, useState } from 'react';
import { type Change, type FeedState, useChanges } from '../../../api/events';
import { runsTable } from '../../../api/own';
import { runRows } from '../rows/rowTree';
import type { RowStore } from '../rows/RowStore';

/** Rows that are read again at once. */
const MOST = 200;

/**
 * Keeps the rows that are shown true: values change in place, and new rows are only counted, as the table must not move
 * under the reader; the first of an empty table are shown at once. Tells how many more or fewer runs match now than are shown.
 */
export function useLive(
  experimentIds: readonly string[],
  store: RowStore | undefined,
  onFirst: () => void,
): { state: FeedState; difference: number } {
  const [difference, setDifference] = useState(0);
  const isBusy = useRef(false);
  const again = useRef<Change | null>(null);
  useEffect(() => setDifference(0), [store]);

  const onChange = async (change: Change) => {
    if (!store?.isReady) return;
    // One at a time; what comes meanwhile is read afterwards.
    if (isBusy.current) {
      again.current = joined(again.current, change);
      return;
    }
    isBusy.current = true;
    try {
      await Promise.all([readRows(store, change), readTotal(store, change)]);
    } catch {
      // The next hint reads it.
    } finally {
      isBusy.current = false;
      const next = again.current;
      again.current = null;
      if (next) void onChange(next);
    }
  };

  async function readTotal(from: RowStore, change: Change) {
    const mayDiffer = change.isGuess || change.runs.some(({ what }) => what.some((one) => one !== 'metrics'));
    if (!mayDiffer) return;
    const { selection } = from.question;
    const { total } = await runsTable({ ...selection, columns: [], offset: 0, limit: 0 });
    // Where nothing is, nothing can move.
    if (total > 0 && from.count === 0) onFirst();
    else setDifference(total - from.totalRuns);
  }

  const state = useChanges(experimentIds, [], (change) => void onChange(change));
  return { state, difference };
}

/** Reads the changed rows again; of a guess, those that run. */
async function readRows(store: RowStore, change: Change) {
  const loaded = store.loadedRuns();
  const changed = new Set(change.runs.map(({ run_id }) => run_id));
  const ids = loaded
    .filter((row) => changed.has(row.id) || (change.isGuess && row.cells['attribute.status'] === 'RUNNING'))
    .map((row) => row.id)
    .slice(0, MOST);
  if (ids.length === 0) return;
  const { columns } = store.question;
  const table = await runsTable({ ids, view: 'all', columns, offset: 0, limit: ids.length });
  store.patch(new Map(runRows(table, '', 0).map((row) => [row.id, row.cells])));
}

function joined(a: Change | null, b: Change): Change {
  if (!a) return b;
  return {
    runs: [...a.runs, ...b.runs],
    experiments: [...new Set([...a.experiments, ...b.experiments])],
    isGuess: a.isGuess || b.isGuess,
  };
}
