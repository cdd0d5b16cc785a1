import { useMemo } from 'react';
import { grouped, shortNumber } from '../format/number';
import styles from './DataGrid.module.css';
import { cellText, columnSummary, type TableData } from './table';

/** More of a text is not drawn in a cell. */
const CELL = 300;

interface CellProps {
  id: string;
  value: unknown;
  isNumeric: boolean;
  isActive: boolean;
  left: number;
  width: number;
  onPress: () => void;
}

export function Cell({ id, value, isNumeric, isActive, left, width, onPress }: CellProps) {
  const text = cellText(value);
  return (
    <div
      id={id}
      role="gridcell"
      aria-selected={isActive}
      className={styles.cell}
      data-numeric={isNumeric || undefined}
      data-missing={text === '' || undefined}
      style={{ left, width }}
      onClick={onPress}
    >
      {text === '' ? '–' : text.length > CELL ? `${text.slice(0, CELL)}…` : text}
    </div>
  );
}

export function Summary({ data, rows, column }: { data: TableData; rows: Uint32Array; column: number }) {
  const { missing, numbers, distinct, top } = useMemo(
    () => columnSummary(data, rows, column),
    [data, rows, column],
  );
  return (
    <span className={styles.summary}>
      {numbers ? (
        <>
          <span>
            {shortNumber(numbers.min)} … {shortNumber(numbers.max)}
          </span>
          <span>mean {shortNumber(numbers.mean)}</span>
        </>
      ) : (
        <>
          <span>{distinct === null ? 'over 10,000' : grouped(distinct)} different</span>
          <span title={top?.text}>{top ? `${grouped(top.count)} × ${top.text.slice(0, 40)}` : ''}</span>
        </>
      )}
      <span>{missing ? `${grouped(missing)} missing` : 'none missing'}</span>
    </span>
  );
}
