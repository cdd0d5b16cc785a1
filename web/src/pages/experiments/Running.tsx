import { grouped } from '../../format/number';
import styles from './ExperimentsGrid.module.css';

/** How many runs are running; nothing for none. */
export function Running({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className={styles.running}>
      <span aria-hidden="true" className={styles.dot} />
      {grouped(count)}
    </span>
  );
}
