import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { Button } from '../../../design/Button';
import { Icon } from '../../../design/Icon';
import { Skeleton } from '../../../design/States';
import { useFocusAfter } from '../../../design/useFocusAfter';
import { grouped } from '../../../format/number';
import type { ComparedRun } from '../useComparedRuns';
import styles from './FilePicker.module.css';
import { isImage, loggedImage, type UnionEntry } from './union';
import { useUnion } from './useUnion';

interface Props {
  /** Those whose files are listed. */
  runs: readonly ComparedRun[];
  /** What asks for more of them. */
  more: React.ReactNode;
  folder: string;
  /** The chosen file. */
  path: string;
  /** Images only. */
  isImages?: boolean;
  onOpenFolder: (folder: string) => void;
  onChoose: (path: string) => void;
}

/** The files of all compared runs, folder by folder; each says how many of the runs have it. */
export function FilePicker({ runs, more, folder, path, isImages = false, onOpenFolder, onChoose }: Props) {
  const { entries, isLoading, isReading, failed, more: readMore } = useUnion(runs, folder);
  const shown = useMemo(
    () =>
      isImages
        ? entries.filter(
            (one) =>
              one.isDir || (isImage(one.path) && !/[+%]step[+%]/.test(one.name) && !loggedImage(one.path)),
          )
        : entries,
    [entries, isImages],
  );
  const nav = useRef<HTMLElement>(null);
  const pressed = useFocusAfter(readMore !== null, nav);
  const parents = folder ? folder.split('/') : [];
  return (
    <nav
      ref={nav}
      tabIndex={-1}
      className={styles.picker}
      aria-label={isImages ? 'Images of the runs' : 'Files of the runs'}
    >
      <p className={styles.trail}>
        <button type="button" onClick={() => onOpenFolder('')} disabled={!folder}>
          artifacts
        </button>
        {parents.map((name, i) => (
          <button
            key={parents.slice(0, i + 1).join('/')}
            type="button"
            disabled={i === parents.length - 1}
            onClick={() => onOpenFolder(parents.slice(0, i + 1).join('/'))}
          >
            / {name}
          </button>
        ))}
      </p>
      {isLoading && !shown.length ? (
        <Skeleton lines={4} label="Loading files" />
      ) : (
        <List key={folder} {...{ entries: shown, path, onOpenFolder, onChoose }} asked={runs.length} />
      )}
      {!isLoading && !readMore && shown.length === 0 && (
        <p className={styles.note}>No {isImages ? 'images' : 'files'} here.</p>
      )}
      {readMore && (
        <div className={styles.note} role="note">
          <p>
            {isReading
              ? `${grouped(entries.length)} names so far…`
              : `The first ${grouped(entries.length)} names are listed. There are more.`}
          </p>
          <Button
            aria-disabled={isReading}
            onClick={() => {
              pressed();
              if (!isReading) readMore();
            }}
          >
            List more
          </Button>
        </div>
      )}
      {more}
      {failed.length > 0 && (
        <p className={styles.note} role="alert">
          Not listed: {failed.map(({ run, message }) => `${run.name} (${message})`).join(', ')}
        </p>
      )}
    </nav>
  );
}

/** Pixels; as in the style sheet. */
const ROW = 28;

interface ListProps extends Pick<Props, 'path' | 'onOpenFolder' | 'onChoose'> {
  entries: readonly UnionEntry[];
  /** Of so many runs. */
  asked: number;
}

function List({ entries, asked, path, onOpenFolder, onChoose }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 15,
  });
  return (
    <div ref={scroller} className={styles.list}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const one = entries[index];
          if (!one) return null;
          return (
            <li key={`${one.path}${one.isDir}`} style={{ transform: `translateY(${start}px)` }}>
              <button
                type="button"
                className={styles.entry}
                aria-current={one.path === path && !one.isDir ? 'true' : undefined}
                title={one.path}
                onClick={() => (one.isDir ? onOpenFolder(one.path) : onChoose(one.path))}
              >
                <Icon name={one.isDir ? 'folder' : 'file'} />
                <span className={styles.name}>{one.name}</span>
                <span className={styles.count} data-all={one.runs.length === asked || undefined}>
                  {one.runs.length} of {asked}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
