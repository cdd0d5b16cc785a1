import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { RowsProps } from './Rows';
import styles from './Rows.module.css';

const ROW = 30;

/** Rows of which only those in sight are in the page. */
export default function VirtualRows({
  label,
  count,
  row,
  rowKey,
  first,
}: Omit<RowsProps, 'head'> & { first: number }) {
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
