import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
import styles from './Rows.module.css';

interface Props {
  label: string;
  count: number;
  /** The cells of a row. */
  row: (index: number) => ReactNode;
  rowKey: (index: number) => string;
  /** The cells above the columns. */
  head?: ReactNode;
  className?: string | undefined;
}

const ROW = 30;
/** So many rows are simply there; of more, only those in sight. */
const PLAIN = 100;

/** A table of rows of equal height, however many. */
export function Rows({ label, count, row, rowKey, head, className }: Props) {
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
        <VirtualRows label={label} count={count} row={row} rowKey={rowKey} first={head ? 2 : 1} />
      )}
    </div>
  );
}

function VirtualRows({ label, count, row, rowKey, first }: Omit<Props, 'head'> & { first: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: rowKey,
    overscan: 10,
  });
  return (
    // A scroller must be reachable for the keyboard.
    <div ref={scroller} className={styles.scroller} role="rowgroup" tabIndex={0} aria-label={label}>
      <div style={{ height: rows.getTotalSize() }} className={styles.all} role="presentation">
        {rows.getVirtualItems().map(({ index, key, start }) => (
          <div
            key={key}
            role="row"
            aria-rowindex={index + first}
            className={styles.row}
            style={{ position: 'absolute', insetInline: 0, transform: `translateY(${start}px)` }}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
