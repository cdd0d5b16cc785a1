import { grouped } from '../../../format/number';
import type { RunSelection } from '../../../api/types';
import type { RowStore } from '../rows/RowStore';
import styles from './RunsTab.module.css';
import type { Selected } from './useSelected';

interface Props {
  store: RowStore;
  seen: { first: number; last: number };
  selected: Selected;
  selection: RunSelection;
  isOld: boolean;
  /** Something was changed in many runs. */
  onDone: () => void;
}

/** How many there are, where the reader is, and what can be done with the selected ones. */
export function Footer({ store, seen, selected, isOld }: Props) {
  const total = store.totalRuns;
  const count = selected.isAll ? total : selected.ids.length;
  const groups = store.totalGroups;
  return (
    <footer className={styles.footer}>
      <span>
        {isOld ? '…' : `${grouped(total)} ${total === 1 ? 'run' : 'runs'}`}
        {groups !== null && ` in ${grouped(groups)} ${groups === 1 ? 'group' : 'groups'}`}
      </span>
      {count > 0 && <span>{grouped(count)} selected</span>}
      <span className={styles.position}>
        {store.count > 0 &&
          `rows ${grouped(seen.first + 1)}–${grouped(seen.last)} of ${grouped(store.count)}`}
      </span>
    </footer>
  );
}
