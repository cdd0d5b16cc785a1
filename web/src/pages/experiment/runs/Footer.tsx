import { grouped } from '../../../format/number';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import { BulkBar } from '../bulk/BulkBar';
import type { Target } from '../bulk/runBulk';
import type { RowStore } from '../rows/RowStore';
import styles from './RunsTab.module.css';
import type { Selected } from './useSelected';

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  store: RowStore;
  seen: { first: number; last: number };
  selected: Selected;
  target: Target;
  isOld: boolean;
  onExport: () => void;
  /** Something was changed in many runs. */
  onDone: () => void;
  children?: React.ReactNode;
}

/** How many there are, where the reader is, and what can be done with the selected ones. */
export function Footer(props: Props) {
  const { store, seen, selected, isOld, children, ...rest } = props;
  const total = store.totalRuns;
  const groups = store.totalGroups;
  return (
    <footer className={styles.footer}>
      {selected.isAll || selected.ids.length > 0 ? (
        <BulkBar {...rest} selected={selected} total={total} />
      ) : (
        <span className={styles.total}>
          {`${grouped(total)} ${total === 1 ? 'run' : 'runs'}`}
          {groups !== null && ` in ${grouped(groups)} ${groups === 1 ? 'group' : 'groups'}`}
          {isOld && ', of the question before'}
        </span>
      )}
      {children}
      <span className={styles.position}>
        {store.count > 0 &&
          `rows ${grouped(Math.min(seen.first + 1, store.count))}–${grouped(Math.min(seen.last, store.count))} of ${grouped(store.count)}`}
      </span>
    </footer>
  );
}
