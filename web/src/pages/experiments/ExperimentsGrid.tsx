import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import { ROW_HEIGHT, useDensity } from '../../app/density';
import { paths } from '../../app/paths';
import { useShortcut } from '../../app/shortcuts';
import { PHONE, useMedia } from '../../app/useMedia';
import { classes } from '../../design/classes';
import styles from './ExperimentsGrid.module.css';
import { ExperimentCells, type RowContext } from './ExperimentCells';
import type { ExperimentSort } from './experimentsState';
import { FolderCells } from './FolderCells';
import { GridHeader } from './GridHeader';
import { useRowFocus } from './rowFocus';
import { isChecked, type Selection } from './selection';
import type { Row } from './tree';

interface Props extends Omit<RowContext, 'isNarrow'> {
  rows: readonly Row[];
  isTree: boolean;
  /** Rows of a question before: the new answer is under way. */
  isOld: boolean;
  sort: ExperimentSort;
  onSort: (sort: ExperimentSort) => void;
  selection: Selection;
  onToggleFolder: (path: string) => void;
  onCreate: (folder: string) => void;
}

/** The table of experiments: only the rows in sight are in the page. */
export function ExperimentsGrid(props: Props) {
  const { rows, isTree, isOld, sort, onSort, selection, onToggleFolder, onCreate } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [, navigate] = useLocation();
  const isNarrow = useMedia(PHONE);
  const height = ROW_HEIGHT[useDensity()];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    scrollPaddingStart: height,
  });
  const rowElement = (key: string | undefined) =>
    scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key ?? '')}"]`) ?? null;
  const keys = useMemo(() => rows.map((row) => row.key), [rows]);
  const focus = useRowFocus(keys, virtual, rowElement);
  const here = rows[focus.index];

  const open = (row: Row, inNewTab = false) => {
    if (row.kind === 'folder') onToggleFolder(row.path);
    else if (inNewTab) window.open(hrefOf(row.key), '_blank', 'noopener');
    else navigate(paths.experiment(row.experiment.experiment_id));
  };
  const fold = (isToOpen: boolean) => {
    if (here?.kind === 'folder' && here.isOpen !== isToOpen) onToggleFolder(here.path);
    else if (isToOpen) focus.move(1);
    else {
      const parent = rows.slice(0, focus.index).findLastIndex((row) => here && row.depth < here.depth);
      if (parent >= 0) focus.moveTo(parent);
    }
  };
  useShortcut(['j', 'ArrowDown'], 'Next row', () => focus.move(1));
  useShortcut(['k', 'ArrowUp'], 'Previous row', () => focus.move(-1));
  useShortcut('Home', 'First row', () => focus.moveTo(0));
  useShortcut('End', 'Last row', () => focus.moveTo(rows.length - 1));
  useShortcut('Enter', 'Open', () => here && open(here));
  useShortcut('o', 'Open in a new tab', () => here && open(here, true));
  useShortcut('x', 'Select', () => here && selection.toggle(focus.index, false));
  useShortcut('Shift+x', 'Select up to here', () => here && selection.toggle(focus.index, true));
  useShortcut('.', 'Actions of the row', () => {
    rowElement(focus.key)?.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click();
  });
  useShortcut('ArrowRight', 'Open the folder', () => fold(true), { when: isTree });
  useShortcut('ArrowLeft', 'Close the folder', () => fold(false), { when: isTree });

  const context: RowContext = { ...props, isNarrow };
  return (
    <div
      ref={scroller}
      className={classes(styles.grid, isNarrow && styles.narrow, isOld && styles.old)}
      role={isTree ? 'treegrid' : 'grid'}
      aria-label="Experiments"
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      data-scroll="experiments"
    >
      <GridHeader sort={sort} onSort={onSort} selection={selection} rows={rows} isNarrow={isNarrow} />
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const checked = isChecked(row, selection.ids);
          return (
            <div
              key={item.key}
              role="row"
              data-key={row.key}
              tabIndex={row.key === focus.key ? 0 : -1}
              aria-rowindex={item.index + 2}
              aria-selected={checked === true}
              aria-label={row.kind === 'folder' ? `Folder ${row.path}` : row.experiment.name}
              {...(isTree && { 'aria-level': row.depth + 1 })}
              {...(row.kind === 'folder' && { 'aria-expanded': row.isOpen })}
              className={styles.row}
              style={{ height, transform: `translateY(${item.start}px)` }}
              onFocus={() => focus.setKey(row.key)}
              onClick={(event) => {
                if (isControl(event.target) || String(window.getSelection())) return;
                if (event.shiftKey) selection.toggle(item.index, true);
                else open(row, event.ctrlKey || event.metaKey);
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
                  onClick={(event) => selection.toggle(item.index, event.shiftKey)}
                />
              </span>
              {row.kind === 'folder' ? (
                <FolderCells
                  row={row}
                  isNarrow={isNarrow}
                  onToggle={() => onToggleFolder(row.path)}
                  onCreate={onCreate}
                />
              ) : (
                <ExperimentCells row={row} {...context} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const hrefOf = (id: string) => new URL(paths.experiment(id).slice(1), document.baseURI).href;

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, [popover]') !== null;
}
