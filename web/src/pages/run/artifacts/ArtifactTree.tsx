import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Icon, type IconName } from '../../../design/Icon';
import { bytes } from '../../../format/number';
import { kindOf } from '../../../artifacts/kinds';
import styles from './ArtifactTree.module.css';
import { folderOf, type TreeRow } from './treeRows';

interface Props {
  rows: readonly TreeRow[];
  /** The entry that is shown. */
  current: string;
  onOpen: (path: string) => void;
  onToggle: (folder: string, isOpen: boolean) => void;
  onRetry: (folder: string) => void;
}

const ROW = 28;

/** The files of a run as a tree: the ARIA practices' tree view, of which only the rows in sight exist. */
export function ArtifactTree({ rows, current, onOpen, onToggle, onRetry }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(current);
  const typed = useRef({ text: '', at: 0 });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  useEffect(() => {
    setActive(current);
  }, [current]);
  const currentIndex = rows.findIndex((row) => row.kind === 'entry' && row.path === current);
  const isThere = currentIndex >= 0;
  useEffect(() => {
    if (isThere) virtual.scrollToIndex(currentIndex, { align: 'auto' });
    // Only when another file is shown: reading on must not scroll the tree back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [current, isThere]);

  const entries = rows.filter((row) => row.kind === 'entry');
  const move = (path: string | undefined) => {
    if (path === undefined) return;
    setActive(path);
    const index = rows.findIndex((row) => row.kind === 'entry' && row.path === path);
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = entries.findIndex(({ path }) => path === active);
    const here = entries[at];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 1);
    const to = (index: number) => move(entries[Math.max(0, Math.min(entries.length - 1, index))]?.path);
    switch (event.key) {
      case 'ArrowDown':
        to(at + 1);
        break;
      case 'ArrowUp':
        to(at < 0 ? 0 : at - 1);
        break;
      case 'PageDown':
        to(at + page);
        break;
      case 'PageUp':
        to(at - page);
        break;
      case 'Home':
        to(0);
        break;
      case 'End':
        to(entries.length - 1);
        break;
      case 'ArrowRight':
        if (here?.isFolder && !here.isOpen) onToggle(here.path, true);
        else if (here?.isFolder) to(at + 1);
        break;
      case 'ArrowLeft':
        if (here?.isFolder && here.isOpen) onToggle(here.path, false);
        else if (here) move(entries.find(({ path }) => path === folderOf(here.path))?.path);
        break;
      case 'Enter':
      case ' ':
        if (here) onOpen(here.path);
        break;
      default: {
        if (event.key.length !== 1 || /[\d[\]/?]/.test(event.key)) return;
        const now = Date.now();
        typed.current = {
          text: (now - typed.current.at < 700 ? typed.current.text : '') + event.key.toLowerCase(),
          at: now,
        };
        const { text } = typed.current;
        const from = text.length > 1 ? at : at + 1;
        const order = [...entries.slice(Math.max(0, from)), ...entries.slice(0, Math.max(0, from))];
        move(order.find(({ name }) => name.toLowerCase().startsWith(text))?.path);
        event.stopPropagation();
      }
    }
    event.preventDefault();
  };
  const activeIndex = rows.findIndex((row) => row.kind === 'entry' && row.path === active);
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
              className={styles.item}
              data-active={row.path === active || undefined}
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
