import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Change, useChanges } from '../../../api/events';
import type { RowStore } from '../rows/RowStore';
import { type Difference, LiveRows, NO_DIFFERENCE } from './LiveRows';

/**
 * Keeps the rows that are shown true: values change in place, and new rows are only counted, as the table must not move
 * under the reader; the first of an empty table are shown at once. Tells how the runs that match now differ from those shown.
 */
export function useLive(
  experimentIds: readonly string[],
  store: RowStore | undefined,
  onFirst: () => void,
): Difference {
  const client = useQueryClient();
  const [difference, setDifference] = useState(NO_DIFFERENCE);
  const rows = useRef<LiveRows | null>(null);
  useEffect(() => {
    setDifference(NO_DIFFERENCE);
    if (!store) return;
    const live = new LiveRows(store, { onDifference: setDifference, onFirst });
    rows.current = live;
    return () => live.stop();
  }, [store, onFirst]);

  useChanges(experimentIds, [], (change) => {
    rows.current?.tell(change);
    readPinned(change);
  });

  /** The pinned rows are a list of their own. */
  function readPinned(change: Change) {
    const changed = new Set(change.runs.map(({ run_id }) => run_id));
    void client.invalidateQueries(
      {
        queryKey: ['runs/table', 'pinned'],
        predicate: ({ queryKey: [, , ids] }) =>
          change.isGuess || (ids as readonly string[]).some((id) => changed.has(id)),
      },
      { cancelRefetch: false },
    );
  }
  return difference;
}
