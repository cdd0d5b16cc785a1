import { Button, IconButton } from '../../../design/Button';
import { bytes } from '../../../format/number';
import styles from './UploadList.module.css';
import { nameOf } from '../../../artifacts/folder';
import type { Uploads } from './useUploads';

/** What is being uploaded, how far it is, and what went wrong. */
export function UploadList({ uploads }: { uploads: Uploads }) {
  const { list } = uploads;
  if (list.length === 0) return null;
  const isDone = list.every(({ state }) => state === 'done' || state === 'failed');
  return (
    <section className={styles.uploads} aria-label="Uploads">
      <header>
        <h3>
          Uploads: {list.filter(({ state }) => state === 'done').length} of {list.length}
        </h3>
        {isDone && (
          <Button kind="quiet" onClick={uploads.clear}>
            Clear
          </Button>
        )}
      </header>
      <ul>
        {list.map((one) => (
          <li key={one.id}>
            <div className={styles.line}>
              <span className={styles.name} title={one.path}>
                {nameOf(one.path)}
              </span>
              <span className={styles.size}>
                {one.state === 'done' ? bytes(one.size) : `${bytes(one.sent)} of ${bytes(one.size)}`}
              </span>
              {one.state === 'failed' && (
                <IconButton
                  icon="refresh"
                  label={`Try ${one.path} again`}
                  onClick={() => uploads.retry(one.id)}
                />
              )}
              {one.state !== 'done' && (
                <IconButton
                  icon="close"
                  label={`Cancel ${one.path}`}
                  onClick={() => uploads.cancel(one.id)}
                />
              )}
            </div>
            {one.state === 'sending' && (
              <progress aria-label={`Upload of ${one.path}`} max={one.size || 1} value={one.sent} />
            )}
            {one.error && (
              <p role="alert" className={styles.error}>
                {one.error}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
