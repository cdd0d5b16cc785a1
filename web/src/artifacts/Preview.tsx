import { lazy, Suspense, useState } from 'react';
import { artifactAddress } from '../api/artifacts';
import { modelPath } from '../api/modelPaths';
import { Button } from '../design/Button';
import { Empty, Skeleton } from '../design/States';
import { bytes } from '../format/number';
import { type FileKind, type FileOfRun, kindOf } from './kinds';

// Each kind is a file of its own, fetched when it is first shown.
const BinaryPreview = lazy(() => import('./BinaryPreview'));
const DelimitedPreview = lazy(() => import('./DelimitedPreview'));
const FramePreview = lazy(() => import('./FramePreview'));
const GeoPreview = lazy(() => import('./GeoPreview'));
const ImagePreview = lazy(() => import('./ImagePreview'));
const JsonPreview = lazy(() => import('./JsonPreview'));
const MarkdownPreview = lazy(() => import('./MarkdownPreview'));
const MediaPreview = lazy(() => import('./MediaPreview'));
const ModelCard = lazy(() => import('./ModelCard'));
const NotebookPreview = lazy(() => import('./NotebookPreview'));
const ParquetPreview = lazy(() => import('./ParquetPreview'));
const TextPreview = lazy(() => import('./TextPreview'));

/** What is shown without being asked for. */
const LIMIT = 10 * 1024 * 1024;

/** These read only what they need, or leave it to the browser. */
const ANY_SIZE: ReadonlySet<FileKind> = new Set([
  'text',
  'parquet',
  'audio',
  'video',
  'pdf',
  'html',
  'binary',
]);

interface Props {
  file: FileOfRun;
  /** The images around it. */
  siblings: readonly string[];
  onOpen: (path: string) => void;
}

/** What is in a file, as its kind is best read. */
export function Preview({ file, siblings, onOpen }: Props) {
  const [isAsked, setAsked] = useState(false);
  const named = kindOf(file.path);
  // The endpoint for frames has the files of runs only.
  const kind = modelPath(file.path) && (named === 'html' || named === 'pdf') ? 'binary' : named;
  if (!isAsked && !ANY_SIZE.has(kind) && (file.size ?? 0) > LIMIT) {
    return (
      <Empty icon="file" title={`A file of ${bytes(file.size ?? 0)}`}>
        <p>Files of more than {bytes(LIMIT)} are shown when asked for: this page must read all of it.</p>
        <Button onClick={() => setAsked(true)}>Load anyway</Button>
        <a href={artifactAddress(file.runId, file.path)} download>
          Download
        </a>
      </Empty>
    );
  }
  return (
    <Suspense fallback={<Skeleton lines={10} />}>
      {kind === 'image' && <ImagePreview file={file} siblings={siblings} onOpen={onOpen} />}
      {kind === 'text' && <TextPreview file={file} />}
      {kind === 'markdown' && <MarkdownPreview file={file} />}
      {kind === 'notebook' && <NotebookPreview file={file} />}
      {kind === 'json' && <JsonPreview file={file} />}
      {kind === 'geojson' && <GeoPreview file={file} />}
      {kind === 'delimited' && <DelimitedPreview file={file} />}
      {kind === 'parquet' && <ParquetPreview file={file} />}
      {(kind === 'html' || kind === 'pdf') && <FramePreview file={file} isPage={kind === 'html'} />}
      {(kind === 'audio' || kind === 'video') && <MediaPreview file={file} isVideo={kind === 'video'} />}
      {kind === 'model' && <ModelCard file={file} />}
      {kind === 'binary' && <BinaryPreview file={file} />}
    </Suspense>
  );
}
