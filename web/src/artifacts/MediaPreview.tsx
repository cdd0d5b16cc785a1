import { useState } from 'react';
import { artifactAddress } from '../api/artifacts';
import { Empty } from '../design/States';
import type { FileOfRun } from './kinds';
import styles from './MediaPreview.module.css';

/** Sound and films, by the browser's own players, which read only what they play. */
export default function MediaPreview({ file, isVideo }: { file: FileOfRun; isVideo: boolean }) {
  const [hasFailed, setFailed] = useState(false);
  const source = artifactAddress(file.runId, file.path);
  const name = file.path.split('/').pop() ?? '';
  if (hasFailed) {
    return (
      <Empty icon="file" title="This browser cannot play the file">
        <p>Its format is not one that the browser knows. Download it to play it elsewhere.</p>
      </Empty>
    );
  }
  return (
    <div className={styles.media}>
      {isVideo ? (
        <video controls preload="metadata" src={source} aria-label={name} onError={() => setFailed(true)} />
      ) : (
        <audio controls preload="metadata" src={source} aria-label={name} onError={() => setFailed(true)} />
      )}
    </div>
  );
}
