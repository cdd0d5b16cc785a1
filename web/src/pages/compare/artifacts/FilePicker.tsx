import { Icon } from '../../../design/Icon';
import { Skeleton } from '../../../design/States';
import type { ComparedRun } from '../useComparedRuns';
import styles from './FilePicker.module.css';
import { isImage, loggedImage } from './union';
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
  const { entries, isLoading, failed } = useUnion(runs, folder);
  const asked = runs.length;
  const shown = isImages
    ? entries.filter(
        (one) => one.isDir || (isImage(one.path) && !/[+%]step[+%]/.test(one.name) && !loggedImage(one.path)),
      )
    : entries;
  const parents = folder ? folder.split('/') : [];
  return (
    <nav className={styles.picker} aria-label={isImages ? 'Images of the runs' : 'Files of the runs'}>
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
        <ul className={styles.list}>
          {shown.map((one) => (
            <li key={`${one.path}${one.isDir}`}>
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
          ))}
        </ul>
      )}
      {!isLoading && shown.length === 0 && (
        <p className={styles.note}>No {isImages ? 'images' : 'files'} here.</p>
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
