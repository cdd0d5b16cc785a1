import { useState } from 'react';
import type { Run } from '../../../api/mlflow';
import { Button } from '../../../design/Button';
import { NOTE_TAG } from '../runFacts';
import { useRunChanges } from '../useRunChanges';
import styles from './Note.module.css';
import { Section } from './Section';

/** What somebody wrote about the run. */
export function Note({ run, note }: { run: Run; note: string }) {
  const [draft, setDraft] = useState<string | null>(null);
  const { setTag } = useRunChanges(run.info.run_id);
  const save = () => {
    if (draft === null) return;
    if (draft === note) setDraft(null);
    else setTag.mutate({ key: NOTE_TAG, value: draft }, { onSuccess: () => setDraft(null) });
  };
  return (
    <Section
      title="Note"
      tools={
        draft === null && (
          <Button kind="quiet" icon="edit" onClick={() => setDraft(note)}>
            {note ? 'Edit' : 'Add a note'}
          </Button>
        )
      }
    >
      {draft === null ? (
        note && <div className={styles.note}>{note}</div>
      ) : (
        <div className={styles.editor}>
          <textarea
            aria-label="Note, in Markdown"
            value={draft}
            rows={8}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
              if (event.key === 'Escape') setDraft(null);
            }}
          />
          <div className={styles.buttons}>
            <Button onClick={() => setDraft(null)}>Cancel</Button>
            <Button kind="primary" onClick={save} disabled={setTag.isPending}>
              Save
            </Button>
          </div>
        </div>
      )}
    </Section>
  );
}
