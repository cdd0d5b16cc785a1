import { Link } from 'wouter';
import { paths } from '../../app/paths';
import { Markdown } from '../../design/Markdown';
import { Empty } from '../../design/States';
import styles from './NotesTab.module.css';
import type { ComparedRun } from './useComparedRuns';

/** More than these are not read side by side. */
const MOST = 50;

/** The notes of the runs beside each other. */
export function NotesTab({ runs }: { runs: readonly ComparedRun[] }) {
  const written = runs.filter((run) => run.note.trim());
  const without = runs.length - written.length;
  if (written.length === 0) {
    return (
      <Empty icon="edit" title="No run has a note">
        <p>A note is written on the page of a run, in Markdown.</p>
      </Empty>
    );
  }
  return (
    <div className={styles.tab}>
      <div className={styles.notes} role="region" aria-label="Notes" tabIndex={0}>
        {written.slice(0, MOST).map((run) => (
          <article key={run.id} className={styles.note} aria-label={`Note of ${run.name}`}>
            <h2 className={styles.title}>
              <span className={styles.dot} style={{ background: run.color }} />
              <Link href={paths.run(run.id)}>{run.name}</Link>
            </h2>
            <Markdown text={run.note} />
          </article>
        ))}
      </div>
      <p className={styles.rest}>
        {written.length > MOST && `The first ${MOST} of ${written.length} notes. `}
        {without > 0 && `${without} ${without === 1 ? 'run has' : 'runs have'} no note.`}
      </p>
    </div>
  );
}
