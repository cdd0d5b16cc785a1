import { useSyncExternalStore } from 'react';
import { grouped } from '../../../format/number';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import { BulkBar } from '../bulk/BulkBar';
import type { Target } from '../bulk/runBulk';
import type { RowStore } from '../rows/RowStore';
import styles from './RunsTab.module.css';
import type { Seen } from './seen';
import type { Selected } from './useSelected';

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  store: RowStore;
  seen: Seen;
  selected: Selected;
  target: Target;
  /** Runs that match, those below others counted. */
  total: number;
  isOld: boolean;
  onExport: () => void;
  /** Something was changed in many runs. */
  onDone: () => void;
  children?: React.ReactNode;
}

/** How many there are, where the reader is, and what can be done with the selected ones. */
export function Footer(props: Props) {
  const { store, seen, selected, total, isOld, children, ...rest } = props;
  const atTop = store.totalRuns;
  const groups = store.totalGroups;
  return (
    <footer className={styles.footer}>
      {selected.isAll || selected.ids.length > 0 ? (
        <BulkBar {...rest} selected={selected} total={total} />
      ) : (
        <span className={styles.total}>
          {store.isReady ? `${grouped(total)} ${total === 1 ? 'run' : 'runs'}` : 'Counting…'}
          {store.isReady && groups !== null && ` in ${grouped(groups)} ${groups === 1 ? 'group' : 'groups'}`}
          {total !== atTop && groups === null && `, ${grouped(atTop)} of them without a parent`}
          {isOld && ', of the question before'}
        </span>
      )}
      {children}
      {store.isReady && <Position seen={seen} count={store.count} />}
    </footer>
  );
}

function Position({ seen, count }: { seen: Seen; count: number }) {
  const { first, last } = useSyncExternalStore(seen.subscribe, seen.get);
  if (count === 0) return null;
  return (
    <span className={styles.position}>
      rows {grouped(Math.min(first + 1, count))}–{grouped(Math.min(last, count))} of {grouped(count)}
    </span>
  );
}
