import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { CsvCell } from '../../format/csv';
import { shortNumber } from '../../format/number';
import styles from './ChartTable.module.css';

export interface TableData {
  header: readonly string[];
  /** `id`: the run it is of, or empty. */
  rows: readonly { id: string; cells: readonly CsvCell[] }[];
}

const ROW = 28;

interface Props {
  label: string;
  data: TableData;
  onOpenRun?: ((runId: string, isNewTab: boolean) => void) | undefined;
}

/** A chart's numbers. Only the rows in sight are in the page. */
export function ChartTable({ label, data: { header, rows }, onOpenRun }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const shown = virtual.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="region"
      aria-label={`${label}, as a table`}
      tabIndex={0}
    >
      <table className={styles.table} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {header.map((name, i) => (
              <th
                key={name}
                scope="col"
                className={rows.some((row) => typeof row.cells[i] === 'number') ? 'number' : undefined}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden="true" style={{ height: before }} />}
          {shown.map((item) => {
            const row = rows[item.index];
            return (
              <tr key={item.key} aria-rowindex={item.index + 2}>
                {row?.cells.map((cell, i) => (
                  <td key={header[i]} className={typeof cell === 'number' ? 'number' : undefined}>
                    {i === 0 && row.id && onOpenRun ? (
                      <button
                        type="button"
                        className={styles.open}
                        onClick={(event) => onOpenRun(row.id, event.ctrlKey || event.metaKey)}
                      >
                        {cell}
                      </button>
                    ) : typeof cell === 'number' ? (
                      shortNumber(cell)
                    ) : (
                      (cell ?? '–')
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <tr aria-hidden="true" style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}
