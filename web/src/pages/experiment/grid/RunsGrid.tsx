import {
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type Ref,
} from 'react';
import type { Column, Sort } from '../../../api/types';
import { classes } from '../../../design/classes';
import type { RowStore } from '../rows/RowStore';
import type { Row, RunRow } from '../rows/rowTree';
import type { GroupShow } from '../../../runs/runsState';
import type { Bars } from './bars';
import styles from './Grid.module.css';
import { type Drawn, onGridKey, rowActions } from './gridCommands';
import { GridRow, stuckAt } from './GridRow';
import type { Active, GridColumn } from './gridTypes';
import { HeaderCell } from './HeaderCell';
import type { HeaderCommand, RowCommand } from './keys';
import { isDrawn, layoutOf, placesOf, scrollLeftFor } from './layout';
import { useViewport } from './useViewport';
import { canvasHeight, scrollTopFor, slotsOf, visibleColumns } from './viewport';

/** Room for scrolling past the last column, so that its resize handle can be got hold of. */
const HEAD = 34;

export interface GridHandle {
  focus: () => void;
  scrollToTop: () => void;
}

export interface GridProps {
  label: string;
  store: RowStore;
  /** Changes when the rows of the store do. */
  version: number;
  pinned: readonly RunRow[];
  columns: readonly GridColumn[];
  sort: readonly Sort[];
  rowHeight: number;
  isDimmed: boolean;
  hasTree: boolean;
  /** Bounds of the columns that have bars. */
  bars: Bars | null;
  colors: ReadonlyMap<string, string>;
  groupShow: GroupShow;
  experimentNames: ReadonlyMap<string, string>;
  isSelected: (id: string) => boolean;
  isHidden: (id: string) => boolean;
  isPinned: (id: string) => boolean;
  /** `true`: all; `null`: some. */
  allSelected: boolean | null;
  onSelectAll: () => void;
  onCommand: (command: RowCommand, row: Row, at: number, column: Column, anchorId: string) => void;
  onHeader: (command: HeaderCommand, column: GridColumn, anchorId: string) => void;
  onResize: (column: Column, width: number) => void;
  onMove: (column: Column, before: Column | null) => void;
  onSee: (seen: { first: number; last: number }) => void;
  ref?: Ref<GridHandle>;
}

/** The table: an ARIA grid of which only what is in sight is in the page. The focus is on the grid, which names its active cell. */
export function RunsGrid(props: GridProps) {
  const { store, pinned, columns, rowHeight, isDimmed, hasTree, groupShow, experimentNames } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const activeId = useId();
  const [active, setActive] = useState<Active>({ row: 0, column: 1 });
  const [tableWidth, setTableWidth] = useState(0);
  const layout = useMemo(() => layoutOf(columns, tableWidth), [columns, tableWidth]);
  const count = store.count;
  const rows = pinned.length + count;
  const headHeight = HEAD + pinned.length * rowHeight;

  const { onSee } = props;
  const see = useCallback(
    (seen: { first: number; last: number }) => {
      store.see(seen.first, seen.last);
      onSee(seen);
    },
    [store, onSee],
  );
  const viewport = useViewport(scroller, { count, rowHeight, headHeight }, see);
  useEffect(() => {
    setTableWidth(viewport.width);
  }, [viewport.width]);

  // Pinning moves all rows down; the active one stays the same row.
  const pinnedBefore = useRef(pinned.length);
  useEffect(() => {
    const by = pinned.length - pinnedBefore.current;
    pinnedBefore.current = pinned.length;
    if (by) setActive((now) => (now.row < 0 ? now : { ...now, row: Math.max(0, now.row + by) }));
  }, [pinned.length]);

  const fixedWidth = layout.fixedLefts[layout.fixedLefts.length - 1] ?? 0;
  const inSight = visibleColumns(
    layout.lefts,
    viewport.scrollLeft,
    viewport.scrollLeft + Math.max(0, viewport.width - fixedWidth) + 64,
  );

  useImperativeHandle(props.ref, () => ({
    focus: () => scroller.current?.focus(),
    // Newer browsers answer scrollTo with a promise, which an effect that passes it on would take for its clean-up.
    scrollToTop: () => void scroller.current?.scrollTo({ top: 0 }),
  }));

  const rowAt = (at: number): Row => pinned[at] ?? store.rowAt(at - pinned.length);

  const show = (next: Active) => {
    setActive(next);
    const element = scroller.current;
    if (!element) return;
    if (next.row >= pinned.length) {
      element.scrollTop = scrollTopFor(next.row - pinned.length, viewport.measures());
    }
    element.scrollLeft = scrollLeftFor(layout, next.column, element.scrollLeft, element.clientWidth);
  };

  const page = Math.max(1, Math.floor(viewport.height / rowHeight) - 1);
  const now: Drawn = { props, layout, rowAt, active, activeId, page, show };
  const drawn = useRef(now);
  drawn.current = now;
  const actions = useMemo(() => rowActions(() => drawn.current, setActive), []);

  const slots = slotsOf({ height: viewport.height, rowHeight });
  const drawRow = (row: Row, at: number, top: number | null) => (
    <GridRow
      key={top === null ? `pinned ${row.key}` : (at - pinned.length) % slots}
      row={row}
      at={at}
      top={top}
      layout={layout}
      firstColumn={inSight.first}
      lastColumn={inSight.last}
      active={active.row === at ? active.column : -1}
      activeId={activeId}
      isOpen={store.isOpen(row.key)}
      hasTree={hasTree}
      bars={props.bars}
      colors={props.colors}
      groupShow={groupShow}
      experimentNames={experimentNames}
      actions={actions}
      isSelected={row.kind === 'run' && props.isSelected(row.id)}
      isHidden={row.kind === 'run' && props.isHidden(row.id)}
      isPinned={row.kind === 'run' && props.isPinned(row.id)}
    />
  );

  const body = [];
  for (let index = viewport.first; index < Math.min(viewport.last, count); index += 1) {
    body.push(drawRow(store.rowAt(index), pinned.length + index, index * rowHeight + viewport.shift));
  }

  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={rows + 1}
      aria-colcount={placesOf(layout)}
      aria-multiselectable="true"
      aria-busy={isDimmed || undefined}
      aria-activedescendant={isDrawn(active, viewport, pinned.length, layout, inSight) ? activeId : undefined}
      className={classes(styles.grid, isDimmed && styles.dimmed)}
      data-row-height={rowHeight}
      onKeyDown={(event) => event.target === scroller.current && onGridKey(now, event)}
    >
      <div role="rowgroup" className={styles.head} style={{ width: layout.width }}>
        <div role="row" aria-rowindex={1} className={styles.headRow}>
          <div
            role="columnheader"
            aria-colindex={1}
            className={classes(styles.headCell, styles.fixed, styles.lead)}
            style={stuckAt(0, layout.leadWidth)}
            {...(active.row === -1 && active.column === 0 && { id: activeId, 'data-active': true })}
          >
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label="Select all matching runs"
              className={styles.check}
              checked={props.allSelected === true}
              ref={(box) => {
                if (box) box.indeterminate = props.allSelected === null;
              }}
              onChange={props.onSelectAll}
            />
          </div>
          {layout.fixed.map((column, i) => drawHeading(column, i + 1, layout.fixedLefts[i]))}
          {inSight.first > 0 && (
            <span className={styles.spacer} style={{ width: layout.lefts[inSight.first] }} />
          )}
          {layout.moving
            .slice(inSight.first, inSight.last)
            .map((column, i) => drawHeading(column, 1 + layout.fixed.length + inSight.first + i))}
        </div>
        {pinned.map((row, i) => drawRow(row, i, null))}
      </div>
      <div
        role="rowgroup"
        className={styles.body}
        style={{ width: layout.width, height: canvasHeight({ count, rowHeight }) }}
      >
        {body}
      </div>
    </div>
  );

  function drawHeading(column: GridColumn, place: number, left?: number) {
    const isActive = active.row === -1 && active.column === place;
    return (
      <HeaderCell
        key={column.id}
        column={column}
        place={place}
        sort={props.sort}
        isActive={isActive}
        activeId={activeId}
        left={left}
        isLastFixed={place === layout.fixed.length}
        onSort={(sorted, isAdded) => props.onHeader(isAdded ? 'sortToo' : 'sort', sorted, activeId)}
        onMenu={(at) => {
          setActive({ row: -1, column: at });
          requestAnimationFrame(() => props.onHeader('menu', column, activeId));
        }}
        onResize={props.onResize}
        onMove={props.onMove}
      />
    );
  }
}
