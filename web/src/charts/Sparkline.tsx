import styles from './Sparkline.module.css';
import { type SparkData, sparkPath } from './sparkPath';

const WIDTH = 84;
const HEIGHT = 20;

/** The course of a metric beside its numbers, which say the same: hidden from screen readers. */
export function Sparkline({ data, color }: { data: SparkData | undefined; color?: string }) {
  const path = data && data.x.length > 1 ? sparkPath(data, WIDTH, HEIGHT) : null;
  return (
    <svg
      aria-hidden="true"
      className={styles.spark}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      style={color ? { color } : undefined}
    >
      {path && (
        <>
          {path.band && <path d={path.band} className={styles.band} />}
          <path d={path.line} className={styles.line} />
          <circle cx={path.last.x} cy={path.last.y} r="1.8" className={styles.last} />
        </>
      )}
    </svg>
  );
}
