import { artifactAddress } from '../api/artifacts';
import { ErrorNote, Skeleton } from '../design/States';
import { bytes as size } from '../format/number';
import styles from './BinaryPreview.module.css';
import { hexLines, signatureOf } from './hex';
import { ending, type FileOfRun, looksLikeText } from './kinds';
import TextPreview from './TextPreview';
import { useBytes } from './useFile';

const HEAD = 4096;

/** A file of an unknown kind: as text if it is one, else what can be said about it and its first bytes. */
export default function BinaryPreview({ file }: { file: FileOfRun }) {
  const { data, error, refetch } = useBytes(file, { from: 0, to: HEAD });
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={10} />;
  if (data.length > 0 && looksLikeText(data)) return <TextPreview file={file} />;
  const format = signatureOf(data);
  return (
    <div className={styles.binary}>
      <dl>
        <div>
          <dt>Type</dt>
          <dd>{format ?? (data.length === 0 ? 'empty file' : ending(file.path) || 'unknown')}</dd>
        </div>
        {file.size !== null && (
          <div>
            <dt>Size</dt>
            <dd>
              {size(file.size)} ({file.size.toLocaleString('en-US')} bytes)
            </dd>
          </div>
        )}
        <div>
          <dt>Content</dt>
          <dd>
            <a href={artifactAddress(file.runId, file.path)} download>
              Download
            </a>
          </dd>
        </div>
      </dl>
      {data.length > 0 && (
        <pre tabIndex={0} aria-label="The first bytes">
          {hexLines(data).join('\n')}
          {(file.size ?? 0) > HEAD && '\n…'}
        </pre>
      )}
    </div>
  );
}
