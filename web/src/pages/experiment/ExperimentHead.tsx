import { useState } from 'react';
import type { Experiment } from '../../api/mlflow';
import { Button } from '../../design/Button';
import { Markdown } from '../../design/Markdown';
import { CopyButton } from '../../design/Values';
import styles from './ExperimentPage.module.css';

const NOTE = 'mlflow.note.content';

/** What the page is about: name, id, and its note if the reader wants it. */
export function ExperimentHead({ experiment, title }: { experiment: Experiment | undefined; title: string }) {
  const [isNoteOpen, setNoteOpen] = useState(false);
  const note = experiment?.tags?.find(({ key }) => key === NOTE)?.value.trim() ?? '';
  return (
    <header className={styles.head}>
      <div className={styles.titleRow}>
        <h1>{title || experiment?.name || '\u00a0'}</h1>
        {experiment && (
          <span className={styles.id}>
            <span className="mono">{experiment.experiment_id}</span>
            <CopyButton text={experiment.experiment_id} label="Copy the experiment's ID" />
          </span>
        )}
        {experiment?.lifecycle_stage === 'deleted' && <span className={styles.deleted}>Deleted</span>}
        {note && (
          <Button
            kind="quiet"
            icon={isNoteOpen ? 'chevronDown' : 'chevronRight'}
            aria-expanded={isNoteOpen}
            onClick={() => setNoteOpen(!isNoteOpen)}
          >
            Note
          </Button>
        )}
      </div>
      {isNoteOpen && (
        <div className={styles.note}>
          <Markdown text={note} />
        </div>
      )}
    </header>
  );
}
