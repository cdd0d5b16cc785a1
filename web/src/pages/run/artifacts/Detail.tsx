import { useMemo } from 'react';
import { useShortcut } from '../../../app/shortcuts';
import { folderOf } from '../../../artifacts/folder';
import { kindOf } from '../../../artifacts/kinds';
import { Preview } from '../../../artifacts/Preview';
import type { ArtifactFile, Run } from '../../../api/mlflow';
import { ErrorNote, Skeleton } from '../../../design/States';
import { fileOfRun } from './fileOfRun';
import styles from './Detail.module.css';
import { DetailHead } from './DetailHead';
import { FolderView } from './FolderView';
import { useListing } from './useListings';

interface Props {
  run: Run;
  path: string;
  file: ArtifactFile | undefined;
  isMissing: boolean;
  error: unknown;
  onOpen: (path: string) => void;
}

const NO_IMAGES: readonly string[] = [];

/** What the address names: a folder or a file. */
export function Detail({ run, path, file, isMissing, error, onOpen }: Props) {
  const siblings = useListing(run, folderOf(path)).data?.files;
  const files = useMemo(() => siblings?.filter((one) => !one.is_dir) ?? [], [siblings]);
  const isImage = file !== undefined && kindOf(file.path) === 'image';
  const images = useMemo(
    () => (isImage ? files.filter((one) => kindOf(one.path) === 'image').map((one) => one.path) : NO_IMAGES),
    [files, isImage],
  );
  const at = files.findIndex((one) => one.path === path);
  const previous = at > 0 ? files[at - 1]?.path : undefined;
  const next = at >= 0 ? files[at + 1]?.path : undefined;
  useShortcut('[', 'File before this', () => previous !== undefined && onOpen(previous));
  useShortcut(']', 'File after this', () => next !== undefined && onOpen(next));

  const isFolder = path === '' || file?.is_dir === true;
  return (
    <article className={styles.detail} aria-label={path || 'All artifacts'}>
      <DetailHead
        run={run}
        path={path}
        file={file}
        isFolder={isFolder}
        previous={previous}
        next={next}
        onOpen={onOpen}
      />
      <div className={styles.content} key={path}>
        {isFolder ? (
          <FolderView run={run} folder={path} onOpen={onOpen} />
        ) : file ? (
          <Preview file={fileOfRun(run, file)} siblings={images} onOpen={onOpen} />
        ) : error ? (
          <ErrorNote error={error} />
        ) : isMissing ? (
          <p role="alert" className={styles.missing}>
            There is no artifact “{path}” in this run.
          </p>
        ) : (
          <Skeleton lines={8} />
        )}
      </div>
    </article>
  );
}
