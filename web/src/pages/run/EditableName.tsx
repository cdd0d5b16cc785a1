import { useRef, useState } from 'react';
import type { Run } from '../../api/mlflow';
import { IconButton } from '../../design/Button';
import styles from './EditableName.module.css';
import { useRunChanges } from './useRunChanges';

/** The run's name; Enter keeps a new one, Escape the old. */
export function EditableName({ run, name }: { run: Run; name: string }) {
  const [draft, setDraft] = useState<string | null>(null);
  const { rename } = useRunChanges(run.info.run_id);
  const isDone = useRef(false);
  const finish = (isKept: boolean) => {
    // Enter takes the field away, which is a blur once more.
    if (isDone.current) return;
    isDone.current = true;
    const next = draft?.trim();
    setDraft(null);
    if (isKept && next && next !== name) rename.mutate(next);
    requestAnimationFrame(() => document.getElementById('edit-run-name')?.focus());
  };
  if (draft === null) {
    const shown = rename.isPending ? rename.variables : name;
    return (
      <div className={styles.name}>
        <h1 title={shown}>{shown}</h1>
        {run.info.lifecycle_stage === 'active' && (
          <IconButton
            id="edit-run-name"
            icon="edit"
            label="Rename"
            aria-keyshortcuts="e"
            onClick={() => {
              isDone.current = false;
              setDraft(name);
            }}
          />
        )}
      </div>
    );
  }
  return (
    <input
      className={styles.input}
      aria-label="Name of the run"
      value={draft}
      maxLength={250}
      ref={(input) => {
        if (input && document.activeElement !== input) input.select();
      }}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish(true);
        if (event.key === 'Escape') finish(false);
      }}
    />
  );
}
