import { grouped } from '../../../format/number';
import styles from './Live.module.css';

/** "3 new runs": the table is as it was until the reader asks. */
export function NewRuns({ difference, onShow }: { difference: number; onShow: () => void }) {
  if (difference === 0) return null;
  const count = Math.abs(difference);
  const runs = count === 1 ? 'run' : 'runs';
  return (
    <button type="button" className={styles.pill} onClick={onShow}>
      {difference > 0 ? `${grouped(count)} new ${runs}` : `${grouped(count)} ${runs} fewer`}
    </button>
  );
}
