import { useRef } from 'react';
import type { Column, Sort } from '../../../api/types';
import { classes } from '../../../design/classes';
import { Icon } from '../../../design/Icon';
import styles from './Grid.module.css';
import { stuckAt } from './GridRow';
import type { GridColumn } from './gridTypes';

export const NARROWEST = 56;
export const WIDEST = 900;

interface Props {
  column: GridColumn;
  place: number;
  sort: readonly Sort[];
  isActive: boolean;
  activeId: string;
  left?: number | undefined;
  isLastFixed?: boolean;
  onSort: (column: GridColumn, isAdded: boolean) => void;
  onMenu: (place: number) => void;
  onResize: (column: Column, width: number) => void;
  /** Dropped before another column. */
  onMove: (column: Column, before: Column | null) => void;
}

/** A heading: a press sorts, dragging moves, the right edge resizes. All three are in its menu too. */
export function HeaderCell(props: Props) {
  const { column, place, sort, isActive, activeId, left, isLastFixed, onSort, onMenu, onResize, onMove } =
    props;
  const index = column.sort === null ? -1 : sort.findIndex((one) => one.column === column.sort);
  const sorted = sort[index];
  const wasDragged = useRef(false);
  const ariaSort = sorted ? (sorted.descending ? 'descending' : 'ascending') : undefined;

  const startResize = (event: React.PointerEvent<HTMLElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget;
    const from = event.clientX;
    follow(handle, event.pointerId, (moved) => {
      onResize(column.id, Math.max(NARROWEST, Math.min(WIDEST, column.width + moved.clientX - from)));
    });
  };

  const startDrag = (event: React.PointerEvent<HTMLElement>) => {
    wasDragged.current = false;
    if (event.button !== 0 || place === 1) return;
    const handle = event.currentTarget;
    const from = event.clientX;
    let target: HTMLElement | null = null;
    follow(
      handle,
      event.pointerId,
      (moved) => {
        if (!wasDragged.current && Math.abs(moved.clientX - from) < 6) return;
        wasDragged.current = true;
        handle.dataset.dragged = 'true';
        target?.removeAttribute('data-drop');
        target =
          document
            .elementsFromPoint(moved.clientX, moved.clientY)
            .map((element) => element.closest<HTMLElement>('[data-column]'))
            .find((element) => element && element !== handle.closest('[data-column]')) ?? null;
        target?.setAttribute('data-drop', 'true');
      },
      () => {
        delete handle.dataset.dragged;
        target?.removeAttribute('data-drop');
        if (wasDragged.current && target?.dataset.column) onMove(column.id, target.dataset.column);
      },
    );
  };

  return (
    <div
      role="columnheader"
      aria-colindex={place + 1}
      aria-sort={ariaSort}
      data-column={place > 1 ? column.id : undefined}
      data-place={place}
      {...(isActive && { id: activeId, 'data-active': true })}
      className={classes(
        styles.headCell,
        column.isNumeric && styles.numeric,
        left !== undefined && styles.fixed,
        isLastFixed && styles.lastFixed,
      )}
      style={left === undefined ? { width: column.width } : stuckAt(left, column.width)}
      onContextMenu={(event) => {
        event.preventDefault();
        onMenu(place);
      }}
    >
      <button
        type="button"
        tabIndex={-1}
        className={styles.headLabel}
        title={`${column.label}${column.note ? ` (${column.note})` : ''}${column.sort ? '\nPress to sort, with Shift to sort by several' : ''}`}
        onPointerDown={startDrag}
        onClick={(event) => {
          if (!wasDragged.current) onSort(column, event.shiftKey);
        }}
      >
        <span className={styles.headText}>{column.label}</span>
        {column.note && <span className={styles.headNote}>{column.note}</span>}
        {sorted && (
          <span className={styles.sortMark}>
            <Icon name={sorted.descending ? 'arrowDown' : 'arrowUp'} size={12} />
            {sort.length > 1 && index + 1}
          </span>
        )}
      </button>
      <button
        type="button"
        tabIndex={-1}
        className={styles.headMenu}
        aria-label={`Menu of ${column.label}`}
        onClick={() => onMenu(place)}
      >
        <Icon name="chevronDown" size={12} />
      </button>
      <span className={styles.resize} onPointerDown={startResize} aria-hidden="true" />
    </div>
  );
}

/** Follows a press until it ends, at most once per frame. */
function follow(
  element: HTMLElement,
  pointerId: number,
  onMove: (event: PointerEvent) => void,
  onEnd?: () => void,
) {
  element.setPointerCapture(pointerId);
  let frame = 0;
  const move = (event: PointerEvent) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => onMove(event));
  };
  const end = () => {
    cancelAnimationFrame(frame);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', end);
    element.removeEventListener('pointercancel', end);
    onEnd?.();
  };
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
}
