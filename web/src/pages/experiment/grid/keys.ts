/** What the keys mean in the grid. Pure: which cell is next, or which action is asked for. */

import type { Active } from './gridTypes';

export interface GridSize {
  rows: number;
  places: number;
  /** Rows of one page. */
  page: number;
}

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The cell that a key moves to; `null` if it moves nowhere. */
export function nextCell(active: Active, key: Key, size: GridSize): Active | null {
  if (key.altKey) return null;
  const whole = key.ctrlKey || key.metaKey;
  const row = (to: number) => ({ ...active, row: clamp(to, -1, size.rows - 1) });
  const column = (to: number) => ({ ...active, column: clamp(to, 0, size.places - 1) });
  switch (key.key) {
    case 'ArrowDown':
      return row(whole ? size.rows - 1 : active.row + 1);
    case 'ArrowUp':
      return row(whole ? 0 : active.row - 1);
    case 'j':
      return whole ? null : row(active.row + 1);
    case 'k':
      return whole ? null : row(Math.max(0, active.row - 1));
    case 'PageDown':
      return row(active.row + size.page);
    case 'PageUp':
      return row(Math.max(0, active.row - size.page));
    case 'ArrowLeft':
      return column(active.column - 1);
    case 'ArrowRight':
      return column(active.column + 1);
    case 'Home':
      return whole ? { row: 0, column: 1 } : column(0);
    case 'End':
      return whole ? row(size.rows - 1) : column(size.places - 1);
    default:
      return null;
  }
}

export type RowCommand =
  | 'select'
  | 'selectRange'
  | 'selectAll'
  | 'clear'
  | 'open'
  | 'openInTab'
  | 'compare'
  | 'pin'
  | 'hide'
  | 'copy'
  | 'menu'
  | 'expand'
  | 'collapse';

/** What a key asks to do with the active row. */
export function rowCommand(active: Active, key: Key): RowCommand | null {
  const whole = key.ctrlKey || key.metaKey;
  if (key.key === 'F10' && key.shiftKey) return 'menu';
  if (whole) return key.key === 'a' ? 'selectAll' : key.key === 'c' ? 'copy' : null;
  if (key.altKey) return null;
  const commands: Record<string, RowCommand> = {
    x: 'select',
    X: 'selectRange',
    ' ': key.shiftKey ? 'selectRange' : 'select',
    Escape: 'clear',
    Enter: 'open',
    o: 'openInTab',
    c: 'compare',
    p: 'pin',
    h: 'hide',
    ContextMenu: 'menu',
    ...(active.column === 1 && { ArrowRight: 'expand', ArrowLeft: 'collapse' }),
  };
  return commands[key.key] ?? null;
}

export type HeaderCommand = 'sort' | 'sortToo' | 'menu' | 'wider' | 'narrower' | 'left' | 'right';

/** What a key asks to do with the active heading. */
export function headerCommand(key: Key): HeaderCommand | null {
  if (key.key === 'Enter') return key.shiftKey ? 'sortToo' : 'sort';
  if (key.key === ' ' || key.key === 'ContextMenu' || (key.key === 'F10' && key.shiftKey)) return 'menu';
  if (!key.altKey) return null;
  if (key.key === 'ArrowDown') return 'menu';
  if (key.key === 'ArrowRight') return key.shiftKey ? 'right' : 'wider';
  if (key.key === 'ArrowLeft') return key.shiftKey ? 'left' : 'narrower';
  return null;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
