import { type CSSProperties, memo } from 'react';
import { Link } from 'wouter';
import type { Column, RunStatus } from '../../../api/types';
import { paths } from '../../../app/paths';
import { classes } from '../../../design/classes';
import { Icon } from '../../../design/Icon';
import { Status } from '../../../design/Values';
import { grouped } from '../../../format/number';
import { columnLabel } from '../../../runs/columns';
import { COLOR_TAG, runColor } from '../../../runs/colors';
import type { Row, RunRow } from '../rows/rowTree';
import type { GroupShow } from '../../../runs/runsState';
import { barOf, type Bars } from './bars';
import { groupText } from './cellText';
import styles from './Grid.module.css';
import type { GridColumn, GridLayout, RowActions, RunMarks } from './gridTypes';
import { RunCell } from './RunCell';

export interface GridRowProps extends RunMarks {
  row: Row;
  /** Its place in the grid, pinned rows counted. */
  at: number;
  /** Px from the top of the canvas; `null`: it stands in the flow. */
  top: number | null;
  layout: GridLayout;
  firstColumn: number;
  lastColumn: number;
  /** The active cell's place, or -1. */
  active: number;
  activeId: string;
  isOpen: boolean;
  hasTree: boolean;
  bars: Bars | null;
  /** Of the runs that the charts draw; the others have their own. */
  colors: ReadonlyMap<string, string>;
  groupShow: GroupShow;
  experimentNames: ReadonlyMap<string, string>;
  actions: RowActions;
}

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, at, top, layout, firstColumn, lastColumn, active, activeId, actions, isSelected } = props;
  const isDeleted = row.kind === 'run' && row.cells['attribute.lifecycle_stage'] === 'deleted';
  const cell = (place: number) => ({
    role: 'gridcell',
    'aria-colindex': place + 1,
    'data-place': place,
    ...(place === active && { id: activeId, 'data-active': true }),
  });
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-selected={row.kind === 'run' ? isSelected : undefined}
      className={classes(
        styles.row,
        row.kind === 'group' && styles.group,
        isDeleted && styles.deleted,
        row.kind === 'run' && row.isContext && styles.context,
      )}
      data-row={at}
      data-current={active >= 0 || undefined}
      style={{ width: layout.width, ...(top !== null && { top }) }}
      onClick={(event) => {
        actions.activate(at, placeOf(event.target));
        // Links open, buttons do what they say.
        if ((event.target as Element).closest('a, button, input')) return;
        if (event.shiftKey) actions.select(at, true);
        else if (event.ctrlKey || event.metaKey) actions.select(at, false);
      }}
      onContextMenu={(event) => {
        if (row.kind !== 'run') return;
        event.preventDefault();
        actions.openMenu(at, placeOf(event.target));
      }}
    >
      <div
        {...cell(0)}
        className={classes(styles.cell, styles.fixed, styles.lead)}
        style={stuckAt(0, layout.leadWidth)}
      >
        {row.kind === 'run' && <Lead {...props} row={row} />}
      </div>
      {layout.fixed.map((column, i) => {
        const bar = barStyle(props, column);
        return (
          <div
            key={column.id}
            {...cell(i + 1)}
            className={classes(
              styles.cell,
              styles.fixed,
              i === layout.fixed.length - 1 && styles.lastFixed,
              i > 0 && column.isNumeric && styles.numeric,
              bar && styles.barred,
            )}
            style={{ ...stuckAt(layout.fixedLefts[i] ?? 0, column.width), ...bar }}
          >
            {i === 0 ? <Name {...props} /> : <Value {...props} column={column} />}
          </div>
        );
      })}
      {firstColumn > 0 && <span className={styles.spacer} style={{ width: layout.lefts[firstColumn] }} />}
      {layout.moving.slice(firstColumn, lastColumn).map((column, i) => {
        const bar = barStyle(props, column);
        return (
          <div
            key={column.id}
            {...cell(1 + layout.fixed.length + firstColumn + i)}
            className={classes(styles.cell, column.isNumeric && styles.numeric, bar && styles.barred)}
            style={{ width: column.width, ...bar }}
          >
            <Value {...props} column={column} />
          </div>
        );
      })}
    </div>
  );
});

/** Where a fixed cell stays while the others move: Grid.module.css. */
export function stuckAt(left: number, width: number): CSSProperties {
  return { '--left': `${left}px`, width } as CSSProperties;
}

function placeOf(target: EventTarget): number {
  return Number((target as Element).closest<HTMLElement>('[data-place]')?.dataset.place ?? 1);
}

function Value({ row, column, groupShow, experimentNames }: GridRowProps & { column: GridColumn }) {
  if (row.kind === 'run') {
    return <RunCell column={column.id} cells={row.cells} experimentNames={experimentNames} />;
  }
  if (row.kind === 'blank') return row.error ? null : <span className={styles.blank} />;
  const { text, whole } = groupText(row.group.metrics[column.id], groupShow);
  return text ? <span title={whole}>{text}</span> : null;
}

/** The bar behind a cell's value, as a style; `undefined` for none. */
function barStyle({ row, bars }: GridRowProps, column: GridColumn): React.CSSProperties | undefined {
  const length = bars && row.kind === 'run' ? barOf(bars.get(column.id), row.cells[column.id]) : null;
  return length === null ? undefined : ({ '--share': `${length * 100}%` } as React.CSSProperties);
}

/** Selected, its colour and whether charts draw it, pinned. */
function Lead({
  row,
  at,
  layout,
  isSelected,
  isHidden,
  isPinned,
  colors,
  actions,
}: GridRowProps & { row: RunRow }) {
  const name = nameOf(row);
  return (
    <>
      <input
        type="checkbox"
        tabIndex={-1}
        checked={isSelected}
        aria-label={`Select ${name}`}
        className={styles.check}
        onChange={() => undefined}
        onClick={(event) => {
          event.stopPropagation();
          actions.select(at, event.shiftKey);
        }}
      />
      {!layout.isNarrow && (
        <>
          <button
            type="button"
            tabIndex={-1}
            className={styles.swatch}
            aria-pressed={!isHidden}
            aria-label={`Show ${name} in charts`}
            title={isHidden ? 'Not in charts. Press to show.' : 'In charts. Press to hide.'}
            style={{
              color: colors.get(row.id) ?? runColor(row.id, row.cells[`tag.${COLOR_TAG}`] as string | null),
            }}
            onClick={() => actions.toggleHide(row.id)}
          />
          <button
            type="button"
            tabIndex={-1}
            className={styles.pin}
            aria-pressed={isPinned}
            aria-label={`Pin ${name}`}
            title={isPinned ? 'Unpin' : 'Pin to the top'}
            onClick={() => actions.togglePin(row.id)}
          >
            <Icon name="pin" size={14} />
          </button>
        </>
      )}
    </>
  );
}

function Name({ row, at, isOpen, hasTree, actions, ...rest }: GridRowProps) {
  if (row.kind === 'blank') {
    return row.error ? (
      <span className={styles.failed}>This row did not load.</span>
    ) : (
      <span className={styles.blank} />
    );
  }
  const opens = canOpen(row);
  return (
    <span className={styles.name} style={{ paddingLeft: row.depth * 16 }}>
      {hasTree &&
        (opens ? (
          <button
            type="button"
            tabIndex={-1}
            className={styles.chevron}
            aria-label={`Rows below ${row.kind === 'run' ? nameOf(row) : 'the group'}`}
            aria-expanded={isOpen}
            onClick={() => actions.toggleOpen(at)}
          >
            <Icon name={isOpen ? 'chevronDown' : 'chevronRight'} size={14} />
          </button>
        ) : (
          <span className={styles.chevron} />
        ))}
      {row.depth > 0 && <span className="unseen">level {row.depth + 1}</span>}
      {row.kind === 'group' ? (
        <GroupName path={row.path} count={row.group.count} running={row.group.running} />
      ) : (
        <>
          <Status status={row.cells['attribute.status'] as RunStatus} isShort />
          <Link href={paths.run(row.id)} tabIndex={-1} className={styles.ellipsis} title={nameOf(row)}>
            {nameOf(row)}
          </Link>
          {opens && <span className={styles.count}>{grouped(row.below ?? Number(row.cells.children))}</span>}
          {row.isContext && <span className="unseen">does not match</span>}
          {rest.isPinned && <span className="unseen">pinned</span>}
        </>
      )}
    </span>
  );
}

function GroupName({
  path,
  count,
  running,
}: {
  path: readonly { column: Column; is: string | null }[];
  count: number;
  running: number;
}) {
  const last = path[path.length - 1];
  if (!last) return null;
  const value = last.is === null ? '(none)' : last.is || '(empty)';
  return (
    <>
      <span className={styles.groupKey}>{columnLabel(last.column)}</span>
      <span className={classes(styles.ellipsis, styles.groupValue)} title={value}>
        {value}
      </span>
      <span className={styles.count}>
        {grouped(count)} {count === 1 ? 'run' : 'runs'}
        {running > 0 && `, ${grouped(running)} running`}
      </span>
    </>
  );
}

export function nameOf(row: RunRow): string {
  return String(row.cells['attribute.run_name'] || row.id.slice(0, 12));
}

export function canOpen(row: Row): boolean {
  return row.kind === 'group' || (row.kind === 'run' && (row.below ?? Number(row.cells.children ?? 0)) > 0);
}
