import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import styles from './Grid.module.css';

interface Props {
  label: string;
  rows: { count: number; size: (row: number) => number };
  columns: { count: number; size: number };
  headerHeight: number;
  nameWidth: number;
  corner: ReactNode;
  columnHeader: (column: number) => ReactNode;
  /** `isSection`: a heading over the rows below, without cells. */
  rowHeader: (row: number) => { content: ReactNode; isSection: boolean };
  cell: (
    row: number,
    column: number,
  ) => { content: ReactNode; className?: string | undefined; title?: string; heat?: number | null };
  /** Which rows and columns are in sight, ends included. */
  onRange: (rows: readonly [number, number], columns: readonly [number, number]) => void;
}

/** A table of any size: only what is in sight is in the page; names stay at its top and left. */
export function Grid(props: Props) {
  const { label, rows, columns, headerHeight, nameWidth, corner, columnHeader, rowHeader, cell, onRange } =
    props;
  const scroller = useRef<HTMLDivElement>(null);
  const across = useVirtualizer({
    horizontal: true,
    count: columns.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => columns.size,
    overscan: 2,
  });
  const down = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: rows.size,
    overscan: 6,
  });
  const [shownColumns, shownRows] = [across.getVirtualItems(), down.getVirtualItems()];
  const [firstRow, lastRow] = [shownRows[0]?.index ?? 0, shownRows.at(-1)?.index ?? -1];
  const [firstColumn, lastColumn] = [shownColumns[0]?.index ?? 0, shownColumns.at(-1)?.index ?? -1];
  useEffect(() => {
    onRange([firstRow, lastRow], [firstColumn, lastColumn]);
  }, [onRange, firstRow, lastRow, firstColumn, lastColumn]);
  useEffect(() => {
    down.measure();
  }, [down, rows.size]);
  useEffect(() => {
    across.measure();
  }, [across, columns.size]);
  const width = nameWidth + across.getTotalSize();
  const before = { width: shownColumns[0]?.start ?? 0 };
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.count + 1}
      aria-colcount={columns.count + 1}
      tabIndex={0}
      className={styles.scroller}
    >
      <div role="row" aria-rowindex={1} className={styles.header} style={{ width, height: headerHeight }}>
        <div role="columnheader" aria-colindex={1} className={styles.corner} style={{ width: nameWidth }}>
          {corner}
        </div>
        <span role="presentation" style={before} />
        {shownColumns.map((column) => (
          <div
            key={column.key}
            role="columnheader"
            aria-colindex={column.index + 2}
            className={styles.columnHeader}
            style={{ width: columns.size }}
          >
            {columnHeader(column.index)}
          </div>
        ))}
      </div>
      <div role="presentation" className={styles.body} style={{ width, height: down.getTotalSize() }}>
        {shownRows.map((row) => {
          const { content, isSection } = rowHeader(row.index);
          return (
            <div
              key={row.key}
              role="row"
              aria-rowindex={row.index + 2}
              className={isSection ? styles.section : styles.row}
              style={{ width, height: row.size, transform: `translateY(${row.start}px)` }}
            >
              <div
                role="rowheader"
                aria-colindex={1}
                className={styles.name}
                style={{ width: isSection ? undefined : nameWidth }}
              >
                {content}
              </div>
              {!isSection && (
                <>
                  <span role="presentation" style={before} />
                  {shownColumns.map((column) => {
                    const { content: shown, className, title, heat } = cell(row.index, column.index);
                    return (
                      <div
                        key={column.key}
                        role="gridcell"
                        aria-colindex={column.index + 2}
                        className={className ? `${styles.cell} ${className}` : styles.cell}
                        title={title}
                        data-heat={heat === null || heat === undefined ? undefined : true}
                        style={{
                          width: columns.size,
                          ...(heat !== null &&
                            heat !== undefined &&
                            ({ '--heat': `${Math.round(heat * 100)}%` } as object)),
                        }}
                      >
                        {shown}
                      </div>
                    );
                  })}
                </>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
