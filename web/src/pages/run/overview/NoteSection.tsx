import { useQueryClient } from '@tanstack/react-query';
import { type Run, setRunTag } from '../../../api/mlflow';
import { Note } from '../../../design/Note';
import { NOTE_TAG, runFacts } from '../runFacts';
import styles from './NoteSection.module.css';
import { Section } from './Section';

/** What somebody wrote about the run. */
export function NoteSection({ run }: { run: Run }) {
  const client = useQueryClient();
  const { run_id: runId, lifecycle_stage: stage } = run.info;
  const save = async (text: string) => {
    await setRunTag(runId, NOTE_TAG, text);
    await client.invalidateQueries({ queryKey: ['runs/get', runId] });
  };
  return (
    <Section title="Note">
      <div className={styles.note}>
        <Note text={runFacts(run).note} onSave={stage === 'active' ? save : null} />
      </div>
    </Section>
  );
}
