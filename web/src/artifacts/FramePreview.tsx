import { artifactPreviewAddress } from '../api/own';
import { Icon } from '../design/Icon';
import styles from './FramePreview.module.css';
import type { FileOfRun } from './kinds';
import { Toolbar } from './Toolbar';

/** A page or PDF, in a frame of its own. A page is somebody else's program: it gets no rights and no network. */
export default function FramePreview({ file, isPage }: { file: FileOfRun; isPage: boolean }) {
  const name = file.path.split('/').pop() ?? '';
  const source = artifactPreviewAddress(file.runId, file.path);
  return (
    <>
      <Toolbar
        info={
          isPage && (
            <span className={styles.isolated}>
              <Icon name="info" size={14} />
              Isolated: no network, no access to this server
            </span>
          )
        }
      >
        <a href={source} target="_blank" rel="noreferrer">
          Open in a tab of its own
        </a>
      </Toolbar>
      {isPage ? (
        <iframe className={styles.frame} title={name} src={source} sandbox="allow-scripts" />
      ) : (
        <iframe className={styles.frame} title={name} src={source} />
      )}
    </>
  );
}
