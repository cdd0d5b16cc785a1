import { useVirtualizer } from '@tanstack/react-virtual';
import { lazy, type RefObject, Suspense, useMemo, useRef } from 'react';
import { Link } from 'wouter';
import { artifactAddress } from '../../../api/artifacts';
import type { ArtifactFile, Run } from '../../../api/mlflow';
import { paths } from '../../../app/paths';
import { AT_ONCE, type Folder, labelOf, MOST, nameOf } from '../../../artifacts/folder';
import { kindOf } from '../../../artifacts/kinds';
import { loggedImages } from '../../../artifacts/loggedImages';
import { Button } from '../../../design/Button';
import { Icon } from '../../../design/Icon';
import { Empty, ErrorNote, Skeleton } from '../../../design/States';
import { useFocusAfter } from '../../../design/useFocusAfter';
import { useSteadyRows } from '../../../design/useSteadyRows';
import { CopyButton } from '../../../design/Values';
import { bytes, grouped } from '../../../format/number';
import { pythonText } from '../../../format/code';
import { serverAddress } from '../../../app/base';
import { fileOfRun } from './fileOfRun';
import { iconOf } from './ArtifactTree';
import styles from './FolderView.module.css';
import { moreOf } from './treeRows';
import { useEntry, useListing, useReading } from './useListings';

const ModelCard = lazy(() => import('../../../artifacts/ModelCard'));
const LoggedImages = lazy(() => import('../../../artifacts/LoggedImages'));

interface Props {
  run: Run;
  folder: string;
  onOpen: (path: string) => void;
}

/** What is in a folder: a model's card, its images, and all of its entries. */
export function FolderView({ run, folder, onOpen }: Props) {
  const { data, error, refetch, isFetching } = useListing(run, folder);
  const files = data?.files ?? NO_ENTRIES;
  const mlmodel = folder ? `${folder}/MLmodel` : 'MLmodel';
  // It may stand behind what is read.
  const { file: model } = useEntry(run, mlmodel, !isFetching);
  const logged = useMemo(() => loggedImages(files.map(({ path }) => path)), [files]);
  const images = useMemo(
    () => (logged.length > 0 ? [] : files.filter((one) => !one.is_dir && kindOf(one.path) === 'image')),
    [files, logged],
  );
  if (!data && error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={8} />;
  if (files.length === 0 && data.next === null) return <NoFiles run={run} isRoot={folder === ''} />;
  return (
    <div className={styles.folder}>
      <Suspense fallback={<Skeleton />}>
        {model && <ModelCard file={fileOfRun(run, model)} />}
        {logged.length > 0 && <LoggedImages runId={run.info.run_id} images={logged} onOpen={onOpen} />}
      </Suspense>
      {images.length > 0 && <Gallery runId={run.info.run_id} images={images} />}
      <Entries run={run} folder={data} error={error} isReading={isFetching} path={folder} />
    </div>
  );
}

const NO_ENTRIES: readonly ArtifactFile[] = [];

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

const pathOf = ({ path }: ArtifactFile) => path;

interface EntriesProps {
  run: Run;
  path: string;
  folder: Folder;
  error: unknown;
  isReading: boolean;
}

function Entries({ run, path, folder, error, isReading }: EntriesProps) {
  const entries = folder.files;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 15,
  });
  useSteadyRows(scroller, entries, ROW, pathOf);
  const total = useMemo(() => entries.reduce((sum, one) => sum + (one.file_size ?? 0), 0), [entries]);
  const more = folder.next === null ? null : moreOf({ folder, error, isReading });
  return (
    <section aria-label="Entries">
      <div className={styles.summary}>
        <p className={styles.total}>
          {more !== null && more !== 'reading' && 'The first '}
          {grouped(entries.length)} {entries.length === 1 ? 'entry' : 'entries'}
          {more === 'reading' && ' so far'}
          {total > 0 && `, files of ${bytes(total)}`}
          {more === 'reading' ? '…' : more !== null && '. There are more.'}
          {more === 'full' && ` A page shows ${grouped(MOST)} at most; mlflow artifacts list names all.`}
        </p>
        <More run={run} path={path} state={more} next={scroller} />
      </div>
      {more === 'failed' && <ErrorNote error={error} />}
      <div ref={scroller} className={styles.list} tabIndex={-1} aria-busy={more === 'reading'}>
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

interface MoreProps {
  run: Run;
  path: string;
  state: ReturnType<typeof moreOf> | null;
  /** What has the focus when there is no more. */
  next: RefObject<HTMLElement | null>;
}

/** Reads the rest of a large folder, or stops that. */
function More({ run, path, state, next }: MoreProps) {
  const reading = useReading(run);
  const isShown = state !== null && state !== 'full';
  const pressed = useFocusAfter(isShown, next);
  if (!isShown) return null;
  const act = {
    reading: { label: 'Stop', onClick: () => reading.stop(path) },
    more: { label: `Show ${grouped(AT_ONCE)} more`, onClick: () => reading.more(path) },
    failed: { label: 'Try again', onClick: () => reading.again(path) },
  }[state];
  const press = (onClick: () => void) => () => {
    pressed();
    onClick();
  };
  // Two buttons whatever they do: the focus stays where it is.
  return (
    <div className={styles.more}>
      <Button onClick={press(act.onClick)}>{act.label}</Button>
      <Button
        kind="quiet"
        aria-disabled={state === 'reading'}
        onClick={press(() => state !== 'reading' && reading.more(path, MOST))}
      >
        Show all
      </Button>
    </div>
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
