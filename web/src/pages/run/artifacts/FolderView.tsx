import { useVirtualizer } from '@tanstack/react-virtual';
import { lazy, Suspense, useRef } from 'react';
import { Link } from 'wouter';
import { artifactAddress } from '../../../api/artifacts';
import type { ArtifactFile, Run } from '../../../api/mlflow';
import { paths } from '../../../app/paths';
import { kindOf } from '../../../artifacts/kinds';
import { loggedImages } from '../../../artifacts/loggedImages';
import { Icon } from '../../../design/Icon';
import { Empty, ErrorNote, Skeleton } from '../../../design/States';
import { CopyButton } from '../../../design/Values';
import { bytes, grouped } from '../../../format/number';
import { pythonText } from '../../../format/code';
import { serverAddress } from '../../../app/base';
import { fileOfRun } from './fileOfRun';
import { iconOf } from './ArtifactTree';
import styles from './FolderView.module.css';
import { labelOf, nameOf } from './treeRows';
import { useListing } from './useListings';

const ModelCard = lazy(() => import('../../../artifacts/ModelCard'));
const LoggedImages = lazy(() => import('../../../artifacts/LoggedImages'));

interface Props {
  run: Run;
  folder: string;
  onOpen: (path: string) => void;
}

/** What is in a folder: a model's card, its images, and all of its entries. */
export function FolderView({ run, folder, onOpen }: Props) {
  const { data, error, refetch } = useListing(run, folder);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={8} />;
  if (data.length === 0) return <NoFiles run={run} isRoot={folder === ''} />;
  const model = data.find(({ path }) => nameOf(path) === 'MLmodel');
  const logged = loggedImages(data.map(({ path }) => path));
  const images = logged.length > 0 ? [] : data.filter((one) => !one.is_dir && kindOf(one.path) === 'image');
  return (
    <div className={styles.folder}>
      <Suspense fallback={<Skeleton />}>
        {model && <ModelCard file={fileOfRun(run, model)} />}
        {logged.length > 0 && <LoggedImages runId={run.info.run_id} images={logged} onOpen={onOpen} />}
      </Suspense>
      {images.length > 0 && <Gallery runId={run.info.run_id} images={images} />}
      <Entries run={run} entries={data} />
    </div>
  );
}

/** So many images are shown at once. */
const GALLERY = 60;

function Gallery({ runId, images }: { runId: string; images: readonly ArtifactFile[] }) {
  return (
    <section aria-label="Images" className={styles.gallery}>
      {images.slice(0, GALLERY).map(({ path }) => (
        <Link key={path} href={paths.artifact(runId, path)} title={nameOf(path)}>
          <img src={artifactAddress(runId, path)} alt="" loading="lazy" />
          <span>{nameOf(path)}</span>
        </Link>
      ))}
      {images.length > GALLERY && <p>{grouped(images.length - GALLERY)} more images in the list below.</p>}
    </section>
  );
}

const ROW = 32;

function Entries({ run, entries }: { run: Run; entries: readonly ArtifactFile[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 15,
  });
  const total = entries.reduce((sum, one) => sum + (one.file_size ?? 0), 0);
  return (
    <section aria-label="Entries">
      <p className={styles.total}>
        {grouped(entries.length)} {entries.length === 1 ? 'entry' : 'entries'}
        {total > 0 && `, files of ${bytes(total)}`}
      </p>
      <div ref={scroller} className={styles.list}>
        <ul style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const entry = entries[index];
            if (!entry) return null;
            const row = { path: entry.path, isFolder: entry.is_dir, isOpen: false };
            return (
              <li key={entry.path} style={{ transform: `translateY(${start}px)` }}>
                <Icon name={iconOf(row)} />
                <Link href={paths.artifact(run.info.run_id, entry.path)} title={labelOf(entry)}>
                  {labelOf(entry)}
                </Link>
                <span className="number">
                  {!entry.is_dir && entry.file_size !== undefined && bytes(entry.file_size)}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

function NoFiles({ run, isRoot }: { run: Run; isRoot: boolean }) {
  if (!isRoot) return <Empty icon="folderOpen" title="This folder is empty" />;
  const code = [
    'import mlflow',
    '',
    `mlflow.set_tracking_uri(${pythonText(serverAddress())})`,
    `with mlflow.start_run(run_id=${pythonText(run.info.run_id)}):`,
    '    mlflow.log_artifact("report.html")',
    '',
  ].join('\n');
  return (
    <Empty icon="folderOpen" title="No artifacts">
      <p>Files that the run logs appear here: plots, tables, models. Drop some here, or log them:</p>
      <div className={styles.code}>
        <pre>{code}</pre>
        <CopyButton text={code} />
      </div>
    </Empty>
  );
}
