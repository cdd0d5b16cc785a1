import { memo } from 'react';
import { ExperimentCells, type GridWidth } from './ExperimentCells';
import styles from './ExperimentsGrid.module.css';
import { FolderCells } from './FolderCells';
import type { RowAction } from './RowMenu';
import type { ExperimentRow, Row } from './tree';

/** What can be done with rows; the same functions for as long as the table is there. */
export type RowHandlers = {
  open: (row: Row, inNewTab: boolean) => void;
  toggle: (index: number, isRange: boolean) => void;
  focus: (key: string) => void;
  fold: (path: string) => void;
  create: (folder: string) => void;
  act: (action: RowAction, row: ExperimentRow) => void;
  tag: (tag: string) => void;
};

interface Props {
  row: Row;
  index: number;
  top: number;
  height: number;
  isTree: boolean;
  isTabStop: boolean;
  checked: boolean | 'some';
  isStarred: boolean;
  words: readonly string[];
  width: GridWidth;
  handlers: RowHandlers;
}

/** A row, drawn anew only when it changes: scrolling moves them all the time. */
export const GridRow = memo(function GridRow(props: Props) {
  const { row, index, top, height, isTree, isTabStop, checked, isStarred, words, width, handlers } = props;
  return (
    <div
      role="row"
      data-key={row.key}
      tabIndex={isTabStop ? 0 : -1}
      aria-rowindex={index + 2}
      aria-selected={checked === true}
      aria-label={row.kind === 'folder' ? `Folder ${row.path}` : row.experiment.name}
      {...(isTree && { 'aria-level': row.depth + 1 })}
      {...(row.kind === 'folder' && { 'aria-expanded': row.isOpen })}
      className={styles.row}
      style={{ height, transform: `translateY(${top}px)` }}
      onFocus={() => handlers.focus(row.key)}
      onClick={(event) => {
        if (isControl(event.target) || String(window.getSelection())) return;
        if (event.shiftKey) handlers.toggle(index, true);
        else handlers.open(row, event.ctrlKey || event.metaKey);
      }}
    >
      <span role="gridcell" className={styles.check}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${row.label}`}
          checked={checked === true}
          ref={(input) => {
            if (input) input.indeterminate = checked === 'some';
          }}
          onChange={() => undefined}
          onClick={(event) => handlers.toggle(index, event.shiftKey)}
        />
      </span>
      {row.kind === 'folder' ? (
        <FolderCells
          row={row}
          width={width}
          onToggle={() => handlers.fold(row.path)}
          onCreate={handlers.create}
        />
      ) : (
        <ExperimentCells
          row={row}
          words={words}
          isStarred={isStarred}
          width={width}
          onAction={handlers.act}
          onTag={handlers.tag}
        />
      )}
    </div>
  );
});

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, [popover]') !== null;
}
