import { lazy, Suspense, useState } from 'react';
import type { Experiment } from '../../api/mlflow';
import { useSession } from '../../app/session';
import { Button, IconButton } from '../../design/Button';
import { Markdown } from '../../design/Markdown';
import { Menu } from '../../design/Menu';
import { CopyButton } from '../../design/Values';
import styles from './ExperimentPage.module.css';

const PermissionsDialog = lazy(() => import('../../permissions/PermissionsDialog'));

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
        {experiment && <Actions experiment={experiment} />}
      </div>
      {isNoteOpen && (
        <div className={styles.note}>
          <Markdown text={note} />
        </div>
      )}
    </header>
  );
}

/** What can be done with the experiment from each of its tabs; on a server without logins nothing. */
function Actions({ experiment }: { experiment: Experiment }) {
  const [isOpen, setOpen] = useState(false);
  if (useSession()?.auth !== 'basic') return null;
  return (
    <>
      <Menu
        label="More actions"
        button={(props) => <IconButton {...props} icon="dots" label="More actions of the experiment" />}
        items={[{ label: 'Permissions…', icon: 'shield', onSelect: () => setOpen(true) }]}
      />
      <Suspense>
        {isOpen && (
          <PermissionsDialog
            resource={{ type: 'experiment', id: experiment.experiment_id }}
            name={experiment.name}
            onClose={() => setOpen(false)}
          />
        )}
      </Suspense>
    </>
  );
}
