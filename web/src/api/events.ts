import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type Change, ChangeFeed, type FeedState } from './changes';

export type { Change, FeedState } from './changes';

/** The page's one connection. */
export const changeFeed = new ChangeFeed();

/**
 * Calls back when something of these experiments or runs changed: at most twice a second, by server-sent events, or by a
 * guess every 5 to 30 s where those do not come through. Nothing while the tab is hidden. With no ids, nothing is asked.
 */
export function useChanges(
  experiments: readonly string[],
  runs: readonly string[],
  onChange: (change: Change) => void,
): FeedState {
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  // The ids decide, not the arrays, which are new with each drawing.
  const experimentsKey = experiments.join(',');
  const runsKey = runs.join(',');
  useEffect(() => {
    if (!experimentsKey && !runsKey) return;
    return changeFeed.listen({
      experiments: experimentsKey ? experimentsKey.split(',') : [],
      runs: runsKey ? runsKey.split(',') : [],
      onChange: (change) => latest.current(change),
    });
  }, [experimentsKey, runsKey]);
  return useSyncExternalStore(changeFeed.subscribe, changeFeed.state);
}
