import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { fullNumber } from '../../format/number';
import { classes } from '../../design/classes';
import { Elided } from '../Elided';
import { type XKind, xText } from '../line/axes';
import type { DrawnLine } from '../line/line';
import styles from './ChartTable.module.css';

const ROW = 24;

interface Props {
  lines: readonly DrawnLine[];
  xKind: XKind;
  label: string;
}

/** The points of a chart as a table, of any length. */
export function ChartTable({ lines, xKind, label }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const ordered = useMemo(() => lines.toReversed(), [lines]);
  // Where each line begins among all rows.
  const starts = useMemo(() => {
    const found = [0];
    for (const line of ordered) found.push((found.at(-1) ?? 0) + line.x.length);
    return found;
  }, [ordered]);
  const count = starts.at(-1) ?? 0;
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  return (
    <div ref={scroll} className={styles.scroll} tabIndex={0} role="region" aria-label={`Values of ${label}`}>
      <div role="table" aria-label={label} aria-rowcount={count + 1} className={styles.table}>
        <div role="row" aria-rowindex={1} className={classes(styles.row, styles.head)}>
          <span role="columnheader">Run</span>
          <span role="columnheader" className="number">
            {X_WORDS[xKind]}
          </span>
          <span role="columnheader" className="number">
            Value
          </span>
        </div>
        <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const at = starts.findLastIndex((one) => one <= index);
            const line = ordered[at] as DrawnLine;
            const point = index - (starts[at] ?? 0);
            return (
              <div
                key={index}
                role="row"
                aria-rowindex={index + 2}
                className={classes(styles.row, styles.item)}
                style={{ top: start }}
              >
                <span role="cell" className={styles.name}>
                  <Elided text={line.name} />
                </span>
                <span role="cell" className="number">
                  {xText(xKind, line.x[point] as number).replace(/^(step|after) /, '')}
                </span>
                <span role="cell" className="number">
                  {fullNumber(line.y[point] as number)}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const X_WORDS: Record<XKind, string> = { step: 'Step', time: 'Time', relative: 'After', metric: 'x' };
