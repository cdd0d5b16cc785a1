import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { Button, IconButton } from '../design/Button';
import { TextField } from '../design/Field';
import { Icon } from '../design/Icon';
import { CopyButton } from '../design/Values';
import { grouped } from '../format/number';
import styles from './DataGrid.module.css';
import { Cell, Summary } from './DataGridCells';
import { cellNumber, cellText, orderedRows, type TableData, type TableOrder } from './table';
import { Toolbar } from './Toolbar';

interface Props {
  data: TableData;
  label: string;
  tools?: ReactNode;
  info?: ReactNode;
}

const ROW = 28;
/** What a summary needs. */
const SUMMARY = 132;

/** A table of any number of rows and columns, of which only the cells in sight exist. */
export function DataGrid({ data, label, tools, info }: Props) {
  const [words, setWords] = useState('');
  const asked = useDeferredValue(words);
  const [order, setOrder] = useState<TableOrder | null>(null);
  const [hasSummary, setSummary] = useState(false);
  const [active, setActive] = useState<{ row: number; column: number } | null>(null);
  const rows = useMemo(() => orderedRows(data, asked, order), [data, asked, order]);
  const widths = useMemo(() => columnWidths(data), [data]);
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: data.columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => Math.max(widths[i] ?? 120, hasSummary ? SUMMARY : 0),
    overscan: 3,
  });
  useEffect(() => {
    columns.measure();
  }, [hasSummary, columns]);
  const gutter = String(data.rowCount).length * 8 + 20;
  const shown = columns.getVirtualItems();
  const sort = (column: number) =>
    setOrder(
      order?.column !== column
        ? { column, isDescending: false }
        : order.isDescending
          ? null
          : { column, isDescending: true },
    );
  const move = (byRow: number, byColumn: number) => {
    const row = Math.max(0, Math.min(rows.length - 1, (active?.row ?? -1) + byRow));
    const column = Math.max(0, Math.min(data.columns.length - 1, (active?.column ?? 0) + byColumn));
    setActive({ row, column });
    lines.scrollToIndex(row);
    columns.scrollToIndex(column);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const moves: Record<string, [number, number]> = {
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      PageDown: [20, 0],
      PageUp: [-20, 0],
      Home: [0, -data.columns.length],
      End: [0, data.columns.length],
    };
    const by = moves[event.key];
    if (by) {
      event.preventDefault();
      move(...by);
    } else if (event.key === 'Escape') setActive(null);
  };
  const activeRow = active ? rows[active.row] : undefined;
  const activeText = active && activeRow !== undefined ? cellText(data.cell(activeRow, active.column)) : null;
  const count =
    rows.length === data.rowCount
      ? counted(data.rowCount, 'row')
      : `${grouped(rows.length)} of ${grouped(data.rowCount)} rows`;
  return (
    <div className={styles.view}>
      <Toolbar info={info ?? `${count} · ${counted(data.columns.length, 'column')}`}>
        {tools}
        <TextField
          label="Filter rows"
          isLabelHidden
          icon="filter"
          placeholder="Filter rows"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button aria-pressed={hasSummary} icon="bars" onClick={() => setSummary(!hasSummary)}>
          Summary
        </Button>
      </Toolbar>
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={data.columns.length + 1}
        aria-activedescendant={
          active && shown.some(({ index }) => index === active.column)
            ? `cell-${active.row}-${active.column}`
            : undefined
        }
        tabIndex={0}
        className={styles.grid}
        onKeyDown={onKeyDown}
      >
        <div
          role="rowgroup"
          className={styles.head}
          style={{ width: columns.getTotalSize() + gutter, height: hasSummary ? 100 : 44 }}
        >
          <div role="row" aria-rowindex={1}>
            <div role="columnheader" className={styles.corner} style={{ width: gutter }}>
              <span className="unseen">Row</span>
            </div>
            {shown.map(({ index, start, size }) => (
              <div
                key={index}
                role="columnheader"
                aria-colindex={index + 2}
                aria-sort={
                  order?.column === index ? (order.isDescending ? 'descending' : 'ascending') : 'none'
                }
                className={styles.header}
                style={{ left: gutter + start, width: size }}
              >
                <button
                  type="button"
                  onClick={() => sort(index)}
                  title={`Sort by ${data.columns[index]?.name}`}
                >
                  <span className={styles.name}>{data.columns[index]?.name || '(no name)'}</span>
                  {order?.column === index && (
                    <Icon name={order.isDescending ? 'arrowDown' : 'arrowUp'} size={12} />
                  )}
                </button>
                <span className={styles.type}>{data.columns[index]?.type}</span>
                {hasSummary && <Summary data={data} rows={rows} column={index} />}
              </div>
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          className={styles.body}
          style={{ width: columns.getTotalSize() + gutter, height: lines.getTotalSize() }}
        >
          {lines.getVirtualItems().map(({ index: line, start: top }) => {
            const row = rows[line] ?? 0;
            return (
              <div
                key={line}
                role="row"
                aria-rowindex={line + 2}
                className={styles.row}
                style={{ transform: `translateY(${top}px)` }}
              >
                <div role="rowheader" className={styles.gutter} style={{ width: gutter }}>
                  {row + 1}
                </div>
                {shown.map(({ index, start, size }) => (
                  <Cell
                    key={index}
                    id={`cell-${line}-${index}`}
                    value={data.cell(row, index)}
                    isNumeric={data.columns[index]?.isNumeric ?? false}
                    isActive={active?.row === line && active.column === index}
                    left={gutter + start}
                    width={size}
                    onPress={() => setActive({ row: line, column: index })}
                  />
                ))}
              </div>
            );
          })}
        </div>
        {rows.length === 0 && (
          <p className={styles.none}>{data.rowCount ? 'No row has all of these words.' : 'No rows.'}</p>
        )}
      </div>
      {active && activeText !== null && (
        <section className={styles.panel} aria-label="Value">
          <header>
            <h3>
              {data.columns[active.column]?.name}, row {grouped((activeRow ?? 0) + 1)}
            </h3>
            <CopyButton text={activeText} label="Copy the value" />
            <IconButton icon="close" label="Close" onClick={() => setActive(null)} />
          </header>
          <pre tabIndex={0} aria-label="Value">
            {activeText.length > 100_000 ? `${activeText.slice(0, 100_000)}…` : activeText}
          </pre>
        </section>
      )}
    </div>
  );
}

const counted = (count: number, word: string) => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

/** As wide as the name and the first values need, within bounds. */
function columnWidths(data: TableData): number[] {
  return data.columns.map(({ name, type }, column) => {
    let most = Math.max(name.length + 3, type.length + 1);
    for (let row = 0; row < Math.min(data.rowCount, 60); row += 1) {
      const value = data.cell(row, column);
      most = Math.max(most, cellNumber(value) === null ? cellText(value).length : cellText(value).length + 1);
    }
    return Math.max(72, Math.min(360, most * 7.4 + 24));
  });
}
