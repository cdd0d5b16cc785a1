import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import { ROW_HEIGHT, useDensity } from '../../app/density';
import { paths } from '../../app/paths';
import { useShortcut } from '../../app/shortcuts';
import { PHONE, useMedia } from '../../app/useMedia';
import { classes } from '../../design/classes';
import styles from './ExperimentsGrid.module.css';
import type { ExperimentSort } from './experimentsState';
import { GridRow, type RowHandlers } from './GridRow';
import { GridHeader } from './GridHeader';
import { useRowFocus } from './rowFocus';
import type { RowAction } from './RowMenu';
import { isChecked, type Selection } from './selection';
import type { ExperimentRow, Row } from './tree';
import { useLatest } from './useLatest';

interface Props {
  rows: readonly Row[];
  isTree: boolean;
  /** Rows of a question before: the new answer is under way. */
  isOld: boolean;
  sort: ExperimentSort;
  onSort: (sort: ExperimentSort) => void;
  selection: Selection;
  words: readonly string[];
  starred: ReadonlySet<string>;
  onToggleFolder: (path: string) => void;
  onCreate: (folder: string) => void;
  onAction: (action: RowAction, row: ExperimentRow) => void;
  onTag: (tag: string) => void;
}

const ROOM_FOR_NOTES = '(min-width: 1120px)';

/** The table of experiments: only the rows in sight are in the page. */
export function ExperimentsGrid(props: Props) {
  const { rows, isTree, isOld, sort, onSort, selection, words, starred } = props;
  const { onToggleFolder, onCreate, onAction, onTag } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [, navigate] = useLocation();
  const isPhone = useMedia(PHONE);
  const hasRoom = useMedia(ROOM_FOR_NOTES);
  const width = isPhone ? 'narrow' : hasRoom ? 'wide' : 'medium';
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
  // Nothing is meant by Enter before the reader has gone to a row.
  const here = focus.isChosen ? rows[focus.index] : undefined;

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

  const handlers = useLatest<RowHandlers>({
    open,
    toggle: selection.toggle,
    focus: focus.setKey,
    fold: onToggleFolder,
    create: onCreate,
    act: onAction,
    tag: onTag,
  });
  return (
    <div
      ref={scroller}
      className={classes(styles.grid, styles[width], isOld && styles.old)}
      role={isTree ? 'treegrid' : 'grid'}
      aria-label="Experiments"
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      data-scroll="experiments"
    >
      <GridHeader sort={sort} onSort={onSort} selection={selection} rows={rows} width={width} />
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <GridRow
                key={item.key}
                row={row}
                index={item.index}
                top={item.start}
                height={height}
                isTree={isTree}
                isTabStop={row.key === focus.key}
                checked={isChecked(row, selection.ids)}
                isStarred={row.kind === 'experiment' && starred.has(row.key)}
                words={words}
                width={width}
                handlers={handlers}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

const hrefOf = (id: string) => new URL(paths.experiment(id).slice(1), document.baseURI).href;
