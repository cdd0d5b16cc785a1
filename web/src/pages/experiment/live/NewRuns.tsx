import { grouped } from '../../../format/number';
import type { Difference } from './LiveRows';
import styles from './Live.module.css';

/** "3 new runs": the table is as it was until the reader asks. */
export function NewRuns({ difference, onShow }: { difference: Difference; onShow: () => void }) {
  const { more, fewer } = difference;
  if (more === 0 && fewer === 0) return null;
  const runs = (count: number) => (count === 1 ? 'run' : 'runs');
  const less = more > 0 ? `${grouped(fewer)} fewer` : `${grouped(fewer)} ${runs(fewer)} fewer`;
  return (
    <button type="button" className={styles.pill} onClick={onShow}>
      {more > 0 && `${grouped(more)} new ${runs(more)}`}
      {more > 0 && fewer > 0 && ', '}
      {fewer > 0 && less}
    </button>
  );
}
