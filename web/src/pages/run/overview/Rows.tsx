import { lazy, type ReactNode, Suspense } from 'react';
import styles from './Rows.module.css';

export interface RowsProps {
  label: string;
  count: number;
  /** The cells of a row. */
  row: (index: number) => ReactNode;
  rowKey: (index: number) => string;
  /** The cells above the columns. */
  head?: ReactNode;
  className?: string | undefined;
}

const VirtualRows = lazy(() => import('./VirtualRows'));

/** So many rows are simply there; of more, only those in sight. */
const PLAIN = 100;

/** A table of rows of equal height, however many. */
export function Rows({ label, count, row, rowKey, head, className }: RowsProps) {
  return (
    <div role="table" aria-label={label} aria-rowcount={count + (head ? 1 : 0)} className={className}>
      {head && (
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className={styles.head}>
            {head}
          </div>
        </div>
      )}
      {count <= PLAIN ? (
        <div role="rowgroup" className={styles.rows}>
          {Array.from({ length: count }, (_, i) => (
            <div key={rowKey(i)} role="row" aria-rowindex={i + (head ? 2 : 1)} className={styles.row}>
              {row(i)}
            </div>
          ))}
        </div>
      ) : (
        <Suspense>
          <VirtualRows label={label} count={count} row={row} rowKey={rowKey} first={head ? 2 : 1} />
        </Suspense>
      )}
    </div>
  );
}
