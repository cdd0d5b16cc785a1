import { Num } from '../../design/Values';
import { Elided } from '../Elided';
import styles from './BarList.module.css';

export interface Bar {
  id: string;
  name: string;
  /** A CSS colour. */
  color: string;
  value: number;
}

interface Props {
  bars: readonly Bar[];
  label: string;
  highlight?: string | null;
  onHighlight?: (id: string | null) => void;
}

/** One value each, as horizontal bars from zero, with the numbers beside them. */
export function BarList({ bars, label, highlight = null, onHighlight }: Props) {
  const finite = bars.map((bar) => bar.value).filter(Number.isFinite);
  const min = Math.min(0, ...finite);
  const max = Math.max(0, ...finite);
  const share = (value: number) => (max > min ? ((value - min) / (max - min)) * 100 : 0);
  return (
    <ul className={styles.bars} aria-label={label} tabIndex={0}>
      {bars.map((bar) => {
        const from = share(Math.min(0, bar.value));
        const to = share(Math.max(0, bar.value));
        return (
          <li
            key={bar.id}
            className={styles.row}
            data-dimmed={highlight !== null && highlight !== bar.id}
            onPointerEnter={() => onHighlight?.(bar.id)}
            onPointerLeave={() => onHighlight?.(null)}
          >
            <span className={styles.name}>
              <Elided text={bar.name} />
            </span>
            <span className={styles.track}>
              {Number.isFinite(bar.value) && (
                <span
                  className={styles.bar}
                  style={{ left: `${from}%`, width: `${to - from}%`, background: bar.color }}
                />
              )}
            </span>
            <Num value={bar.value} />
          </li>
        );
      })}
    </ul>
  );
}
