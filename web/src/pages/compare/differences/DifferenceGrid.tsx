import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import type { Cell, Column, RunStatus } from '../../../api/types';
import { paths } from '../../../app/paths';
import type { Direction } from '../../../charts/direction';
import { textOf } from '../../../charts/runData';
import { IconButton } from '../../../design/Button';
import { Status } from '../../../design/Values';
import type { ComparedRun } from '../useComparedRuns';
import styles from './DifferenceGrid.module.css';
import { cellWords, deltaOf, type DifferenceRow, heatOf } from './differences';
import { Grid } from './Grid';

interface Props {
  rows: readonly DifferenceRow[];
  runs: readonly ComparedRun[];
  base: string;
  /** `null`: not read yet. */
  cellsOf: (column: Column) => readonly Cell[] | null;
  isTransposed: boolean;
  isPlain: boolean;
  onRange: (rows: readonly [number, number]) => void;
  onChangeBase: (runId: string) => void;
  /** The reader asks for the other direction of a metric. */
  onTurn: (key: string, direction: Direction) => void;
}

type Item = DifferenceRow | string;

const ROW = 32;
/** With the difference to the baseline below the value. */
const TALL_ROW = 44;
const SECTION = 40;
const RUN = 176;

/** The rows under headings of their section. */
function withSections(rows: readonly DifferenceRow[]): Item[] {
  return rows.flatMap((row, i) => (row.section === rows[i - 1]?.section ? [row] : [row.section, row]));
}

export function DifferenceGrid(props: Props) {
  const { rows, runs, base, cellsOf, isTransposed, isPlain, onRange, onChangeBase, onTurn } = props;
  const isNarrow = useIsNarrow();
  const items = useMemo((): Item[] => (isTransposed ? [...rows] : withSections(rows)), [rows, isTransposed]);
  const baseAt = runs.findIndex((run) => run.id === base);
  const heatAt = (row: DifferenceRow, cells: readonly Cell[], run: number) =>
    isPlain || row.section !== 'Metrics' ? null : (sharesOf(cells, row.direction)[run] ?? null);

  const cell = (row: DifferenceRow, run: number) => {
    const cells = cellsOf(row.column);
    if (!cells) return { content: <span className={styles.loading} />, title: 'Loading' };
    const value = cells[run] ?? null;
    const from = baseAt >= 0 && baseAt !== run ? (cells[baseAt] ?? null) : null;
    const isMetric = row.section === 'Metrics';
    const delta = isMetric && baseAt >= 0 && baseAt !== run ? deltaOf(value, from, row.direction) : null;
    const isOther = !isMetric && baseAt >= 0 && baseAt !== run && textOf(value) !== textOf(from);
    const heat = heatAt(row, cells, run);
    const isBest = heat === 1 && row.direction !== null && runs.length > 1;
    const words = cellWords(row.column, value);
    return {
      heat,
      title: textOf(value),
      className: [
        isMetric && styles.metric,
        isMetric && baseAt >= 0 && styles.twoLines,
        isMetric && row.direction !== null && styles.graded,
        value === null && styles.none,
        isOther && styles.other,
      ]
        .filter(Boolean)
        .join(' '),
      content: (
        <>
          {delta && (
            <span className={styles.delta} data-better={delta.isBetter ?? undefined}>
              {delta.text}
            </span>
          )}
          {isOther && (
            <span className={styles.mark} title="Not as the baseline">
              ≠
            </span>
          )}
          {row.column === 'attribute.status' && value !== null ? (
            <Status status={value as RunStatus} />
          ) : (
            <span className={styles.text}>
              {isBest && (
                <span className={styles.best} title="The best of these runs">
                  ★<span className="unseen"> best</span>{' '}
                </span>
              )}
              {words}
            </span>
          )}
        </>
      ),
    };
  };

  const rowName = (row: DifferenceRow) => (
    <>
      <span className={styles.key} title={row.label}>
        {isTransposed && <span className={styles.kind}>{row.section.slice(0, -1).toLowerCase()}</span>}
        {row.label}
      </span>
      {row.section === 'Metrics' && (
        <IconButton
          icon={row.direction === 'up' ? 'arrowUp' : row.direction === 'down' ? 'arrowDown' : 'minus'}
          className={styles.direction ?? ''}
          label={`${row.label}: ${
            row.direction === null
              ? 'no better direction'
              : `${row.direction === 'up' ? 'higher' : 'lower'} is better`
          }. Change`}
          onClick={() => onTurn(keyOf(row.column), row.direction)}
        />
      )}
    </>
  );
  const runName = (run: ComparedRun | undefined) =>
    run && (
      <div className={styles.run}>
        <span className={styles.dot} style={{ background: run.color }} />
        <Link href={paths.run(run.id)} className={styles.runName} title={`${run.name} · ${run.id}`}>
          {run.name}
        </Link>
        <IconButton
          icon="pin"
          label={
            run.id === base ? `${run.name} is the baseline. Take it away` : `Make ${run.name} the baseline`
          }
          isOn={run.id === base}
          onClick={() => onChangeBase(run.id === base ? '' : run.id)}
        />
        <span className={styles.experiment} title={run.experiment}>
          {run.isDeleted ? 'deleted · ' : ''}
          {run.experiment}
        </span>
      </div>
    );

  const hasBase = baseAt >= 0;
  const size = useCallback(
    (i: number) => {
      const item = items[i];
      if (typeof item === 'string') return SECTION;
      return isTransposed || (hasBase && item?.section === 'Metrics') ? TALL_ROW : ROW;
    },
    [items, isTransposed, hasBase],
  );
  const reportRows = useCallback(
    (down: readonly [number, number], across: readonly [number, number]) => {
      if (isTransposed) onRange(across);
      // Headings are not rows of data; there are at most four.
      else onRange([Math.max(0, down[0] - 4), down[1]]);
    },
    [isTransposed, onRange],
  );
  const corner = `${rows.length.toLocaleString('en-US')} rows · ${runs.length.toLocaleString('en-US')} runs`;
  const shared = {
    label: 'Differences',
    corner,
    columns: { count: isTransposed ? rows.length : runs.length, size: RUN },
  };
  if (isTransposed) {
    return (
      <Grid
        {...shared}
        rows={{ count: runs.length, size }}
        headerHeight={56}
        nameWidth={isNarrow ? 150 : 240}
        columnHeader={(i) => {
          const row = rows[i];
          return row && <div className={styles.columnName}>{rowName(row)}</div>;
        }}
        rowHeader={(i) => ({ content: runName(runs[i]), isSection: false })}
        cell={(run, i) => {
          const row = rows[i];
          return row ? cell(row, run) : { content: null };
        }}
        onRange={reportRows}
      />
    );
  }
  return (
    <Grid
      {...shared}
      rows={{ count: items.length, size }}
      headerHeight={60}
      nameWidth={isNarrow ? 150 : 280}
      columnHeader={(i) => runName(runs[i])}
      rowHeader={(i) => {
        const item = items[i];
        if (item === undefined || typeof item === 'string') return { content: item, isSection: true };
        return { content: rowName(item), isSection: false };
      }}
      cell={(i, run) => {
        const item = items[i];
        return item === undefined || typeof item === 'string' ? { content: null } : cell(item, run);
      }}
      onRange={reportRows}
    />
  );
}

const shares = new WeakMap<readonly Cell[], Map<Direction, (number | null)[]>>();

/** A row's shares once, not for each of its cells. */
function sharesOf(cells: readonly Cell[], direction: Direction): (number | null)[] {
  const known = shares.get(cells) ?? new Map<Direction, (number | null)[]>();
  shares.set(cells, known);
  const found = known.get(direction) ?? heatOf(cells, direction);
  known.set(direction, found);
  return found;
}

function keyOf(column: Column): string {
  return column.slice(column.indexOf('.') + 1);
}

const narrow = window.matchMedia('(max-width: 640px)');

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
}
