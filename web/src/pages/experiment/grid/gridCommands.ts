import type { KeyboardEvent } from 'react';
import type { Row } from '../rows/rowTree';
import { canOpen } from './GridRow';
import type { Active, GridLayout, RowActions } from './gridTypes';
import { headerCommand, nextCell, rowCommand, type RowCommand } from './keys';
import { columnAt, placesOf } from './layout';
import type { GridProps } from './RunsGrid';

/** The grid as it was drawn last. */
export interface Drawn {
  props: GridProps;
  layout: GridLayout;
  rowAt: (at: number) => Row;
  active: Active;
  activeId: string;
  /** Rows of one page. */
  page: number;
  /** Makes a cell the active one and scrolls to it. */
  show: (active: Active) => void;
}

/** What presses on rows do: one object for good, so that only rows that changed are drawn anew. */
export function rowActions(drawn: () => Drawn, setActive: (active: Active) => void): RowActions {
  const command = (name: RowCommand, at: number, place = 1) => {
    const { props, rowAt, layout, activeId } = drawn();
    props.onCommand(name, rowAt(at), at - props.pinned.length, columnAt(layout, place)?.id ?? '', activeId);
  };
  const byId = (name: RowCommand, id: string) => {
    const run = { kind: 'run', key: id, id, index: 0, depth: 0, cells: {} } as const;
    const { props, activeId } = drawn();
    props.onCommand(name, run, -1, '', activeId);
  };
  return {
    activate: (row, column) => setActive({ row, column }),
    select: (row, isRange) => command(isRange ? 'selectRange' : 'select', row),
    toggleOpen: (row) => {
      const { props } = drawn();
      props.store.toggle(row - props.pinned.length);
    },
    toggleHide: (id) => byId('hide', id),
    togglePin: (id) => byId('pin', id),
    openMenu: (row, column) => {
      setActive({ row, column });
      // The menu stands beside the active cell, which the next drawing names.
      requestAnimationFrame(() => command('menu', row, column));
    },
  };
}

/** A key in the grid: an action on the active row or heading, or another active cell. */
export function onGridKey(drawn: Drawn, event: KeyboardEvent) {
  const { props, layout, active, page, show } = drawn;
  const isDone = active.row === -1 ? onHeaderKey(drawn, event) : onRowKey(drawn, event);
  const size = { rows: props.pinned.length + props.store.count, places: placesOf(layout), page };
  const next = isDone ? null : nextCell(active, event, size);
  if (isDone || next) event.preventDefault();
  if (next) show(next);
}

function onHeaderKey({ props, layout, active, activeId }: Drawn, event: KeyboardEvent): boolean {
  const command = headerCommand(event);
  if (!command) return false;
  const column = columnAt(layout, active.column);
  if (column) props.onHeader(command, column, activeId);
  else props.onSelectAll();
  return true;
}

function onRowKey({ props, layout, active, activeId, rowAt }: Drawn, event: KeyboardEvent): boolean {
  const { store, pinned } = props;
  const command = rowCommand(active, event);
  const row = rowAt(active.row);
  if (!command || row.kind === 'blank') return false;
  const at = active.row - pinned.length;
  if (command === 'expand' || command === 'collapse') {
    const changes = at >= 0 && canOpen(row) && store.isOpen(row.key) !== (command === 'expand');
    if (changes) store.toggle(at);
    return changes;
  }
  if (command === 'open' && row.kind === 'group') store.toggle(at);
  else props.onCommand(command, row, at, columnAt(layout, active.column)?.id ?? '', activeId);
  return true;
}
