import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Icon, type IconName } from '../../../design/Icon';
import { AT_ONCE, folderOf, MOST, nameOf } from '../../../artifacts/folder';
import { useSteadyRows } from '../../../design/useSteadyRows';
import { bytes, grouped } from '../../../format/number';
import { kindOf } from '../../../artifacts/kinds';
import styles from './ArtifactTree.module.css';
import { keyOf, type TreeRow } from './treeRows';

interface Props {
  rows: readonly TreeRow[];
  /** The entry that is shown. */
  current: string;
  onOpen: (path: string) => void;
  onToggle: (folder: string, isOpen: boolean) => void;
  onMore: (folder: string) => void;
  onRetry: (folder: string) => void;
}

const ROW = 28;

/** The files of a run as a tree: the ARIA practices' tree view, of which only the rows in sight exist. */
export function ArtifactTree({ rows, current, onOpen, onToggle, onMore, onRetry }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(current);
  const typed = useRef({ text: '', at: 0 });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  useSteadyRows(scroller, rows, ROW, keyOf);
  useEffect(() => {
    setActive(current);
  }, [current]);
  const currentIndex = useMemo(() => indexOf(rows, current), [rows, current]);
  const isThere = currentIndex >= 0;
  useEffect(() => {
    if (isThere) virtual.scrollToIndex(currentIndex, { align: 'auto' });
    // Only when another file is shown: reading on must not scroll the tree back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [current, isThere]);

  const activeIndex = useMemo(() => activeAt(rows, active), [rows, active]);
  /** To this row, or the next one in this direction that can be chosen. */
  const move = (index: number, direction: 1 | -1 = 1) => {
    let at = Math.max(0, Math.min(rows.length - 1, index));
    while (rows[at]?.kind === 'note') at += direction;
    const row = rows[at];
    if (!row) return;
    setActive(keyOf(row));
    virtual.scrollToIndex(at, { align: 'auto' });
  };
  const more = (row: TreeRow & { kind: 'more' }) => {
    if (row.state === 'more') onMore(row.path);
    if (row.state === 'failed') onRetry(row.path);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = activeIndex;
    const row = rows[at];
    const here = row?.kind === 'entry' ? row : undefined;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 1);
    switch (event.key) {
      case 'ArrowDown':
        move(at + 1);
        break;
      case 'ArrowUp':
        move(at - 1, -1);
        break;
      case 'PageDown':
        move(at + page);
        break;
      case 'PageUp':
        move(at - page, -1);
        break;
      case 'Home':
        move(0);
        break;
      case 'End':
        move(rows.length - 1, -1);
        break;
      case 'ArrowRight':
        if (here?.isFolder && !here.isOpen) onToggle(here.path, true);
        else if (here?.isFolder) move(at + 1);
        break;
      case 'ArrowLeft':
        if (here?.isFolder && here.isOpen) onToggle(here.path, false);
        else {
          const above = indexOf(rows, row?.kind === 'more' ? row.path : folderOf(here?.path ?? ''));
          if (above >= 0) move(above);
        }
        break;
      case 'Enter':
      case ' ':
        if (here) onOpen(here.path);
        else if (row?.kind === 'more') more(row);
        break;
      default: {
        if (event.key.length !== 1 || /[\d[\]/?]/.test(event.key)) return;
        const now = Date.now();
        typed.current = {
          text: (now - typed.current.at < 700 ? typed.current.text : '') + event.key.toLowerCase(),
          at: now,
        };
        const { text } = typed.current;
        const from = Math.max(0, text.length > 1 ? at : at + 1);
        const isNamed = (one: TreeRow) => one.kind === 'entry' && one.name.toLowerCase().startsWith(text);
        const after = rows.findIndex((one, i) => i >= from && isNamed(one));
        const found = after >= 0 ? after : rows.findIndex(isNamed);
        if (found >= 0) move(found);
        event.stopPropagation();
      }
    }
    event.preventDefault();
  };
  const items = virtual.getVirtualItems();
  const isActiveDrawn = items.some(({ index }) => index === activeIndex);

  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Artifacts"
      tabIndex={0}
      aria-activedescendant={isActiveDrawn ? `artifact-${activeIndex}` : undefined}
      className={styles.tree}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className={styles.all} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const place = {
            transform: `translateY(${start}px)`,
            paddingLeft: 8 + Math.min(row.level - 1, 12) * 16,
          };
          if (row.kind === 'more') {
            return (
              <div
                key={keyOf(row)}
                id={`artifact-${index}`}
                role="treeitem"
                aria-level={row.level}
                aria-selected={false}
                aria-busy={row.state === 'reading'}
                className={styles.item}
                data-more={row.state}
                data-active={index === activeIndex || undefined}
                style={place}
                title={row.path}
                onClick={() => {
                  setActive(keyOf(row));
                  more(row);
                }}
              >
                <span className={styles.chevron} />
                <span className={styles.name}>{moreInWords(row)}</span>
              </div>
            );
          }
          if (row.kind === 'note') {
            return (
              <div key={`note ${row.path}`} role="none" className={styles.note} style={place}>
                {row.note === 'loading' && '…'}
                {row.note === 'empty' && 'Empty'}
                {row.note === 'failed' && (
                  <button type="button" className={styles.retry} onClick={() => onRetry(row.path)}>
                    Could not be read. Try again
                  </button>
                )}
              </div>
            );
          }
          return (
            <div
              key={row.path}
              id={`artifact-${index}`}
              role="treeitem"
              aria-level={row.level}
              aria-posinset={row.position}
              aria-setsize={row.siblings}
              aria-selected={row.path === current}
              {...(row.isFolder && { 'aria-expanded': row.isOpen })}
              aria-busy={row.isBusy || undefined}
              className={styles.item}
              data-active={index === activeIndex || undefined}
              style={place}
              title={row.path}
              onClick={() => {
                setActive(row.path);
                if (row.isFolder) onToggle(row.path, !(row.isOpen && row.path === current));
                onOpen(row.path);
              }}
            >
              <span className={styles.chevron}>
                {row.isFolder && <Icon name={row.isOpen ? 'chevronDown' : 'chevronRight'} size={12} />}
              </span>
              <Icon name={iconOf(row)} />
              <span className={styles.name}>{row.name}</span>
              {row.size !== null && <span className={styles.size}>{bytes(row.size)}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const indexOf = (rows: readonly TreeRow[], path: string) =>
  rows.findIndex((row) => row.kind === 'entry' && row.path === path);

/** Where the active row is. When the last of a folder has been read, its end is where the reader was. */
function activeAt(rows: readonly TreeRow[], active: string): number {
  const at = rows.findIndex((row) => keyOf(row) === active);
  if (at >= 0 || !active.startsWith('more\0')) return at;
  const folder = active.slice('more\0'.length);
  return rows.findLastIndex((row) => row.kind === 'entry' && folderOf(row.path) === folder);
}

function moreInWords({ path, read, state }: TreeRow & { kind: 'more' }): string {
  const so = `${grouped(read)} entries`;
  const of = path ? ` of ${nameOf(path)}` : '';
  if (state === 'reading') return `${so} so far…`;
  if (state === 'failed') return `${so}; the rest could not be read. Try again`;
  if (state === 'full') return `The first ${grouped(MOST)} entries${of}: a page shows no more`;
  return `The first ${so}${of}. Show ${grouped(AT_ONCE)} more`;
}

export function iconOf({
  path,
  isFolder,
  isOpen,
}: {
  path: string;
  isFolder: boolean;
  isOpen: boolean;
}): IconName {
  if (isFolder) return isOpen ? 'folderOpen' : 'folder';
  const kind = kindOf(path);
  if (kind === 'delimited' || kind === 'parquet') return 'table';
  if (kind === 'image') return 'image';
  return 'file';
}
