import { lazy, Suspense, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { type Experiment, restoreExperiment } from '../../../api/mlflow';
import { queryClient } from '../../../app/queryClient';
import { paths } from '../../../app/paths';
import { Button } from '../../../design/Button';
import { Dialog } from '../../../design/Dialog';
import { TextField } from '../../../design/Field';
import { Note } from '../../../design/Note';
import { toast } from '../../../design/toasts';
import { CopyButton, Time } from '../../../design/Values';
import styles from './Settings.module.css';
import { TagList } from './TagList';
import { useExperimentChanges } from './useExperimentChanges';

const PurgeExperiments = lazy(() => import('../../../trash/PurgeExperiments'));

const NOTE = 'mlflow.note.content';

/** What an experiment is, apart from its runs. */
export default function SettingsTab({ experiment }: { experiment: Experiment }) {
  const { experiment_id: id, name, artifact_location: location } = experiment;
  const changes = useExperimentChanges(id);
  const note = experiment.tags?.find(({ key }) => key === NOTE)?.value ?? '';
  const isDeleted = experiment.lifecycle_stage === 'deleted';
  return (
    <div className={styles.settings}>
      <section className={styles.section} aria-labelledby="settings-name">
        <h2 id="settings-name">Name</h2>
        <NameForm
          key={name}
          name={name}
          isDisabled={isDeleted}
          onSave={(next) => changes.rename.mutate(next)}
        />
      </section>
      <section className={styles.section} aria-labelledby="settings-note">
        <h2 id="settings-note">Note</h2>
        <Note
          text={note}
          onSave={isDeleted ? null : (value) => changes.setTag.mutateAsync({ key: NOTE, value })}
          empty="What is this experiment about?"
        />
      </section>
      <section className={styles.section} aria-labelledby="settings-tags">
        <h2 id="settings-tags">Tags</h2>
        <TagList
          tags={(experiment.tags ?? []).filter(({ key }) => key !== NOTE && !key.startsWith('oxflow.'))}
          isDisabled={isDeleted}
          onSet={(key, value) => changes.setTag.mutate({ key, value })}
          onDelete={(key) => changes.deleteTag.mutate(key)}
        />
      </section>
      <section className={styles.section} aria-labelledby="settings-facts">
        <h2 id="settings-facts">Details</h2>
        <dl className={styles.facts}>
          <dt>ID</dt>
          <dd>
            <span className="mono">{id}</span>
            <CopyButton text={id} label="Copy the experiment's ID" />
          </dd>
          <dt>Artifact location</dt>
          <dd>
            <span className="mono">{location}</span>
            <CopyButton text={location} label="Copy the artifact location" />
          </dd>
          {experiment.creation_time !== undefined && (
            <>
              <dt>Created</dt>
              <dd>
                <Time at={Number(experiment.creation_time)} />
              </dd>
            </>
          )}
          {experiment.last_update_time !== undefined && (
            <>
              <dt>Changed</dt>
              <dd>
                <Time at={Number(experiment.last_update_time)} />
              </dd>
            </>
          )}
        </dl>
      </section>
      <section className={styles.section} aria-labelledby="settings-delete">
        <h2 id="settings-delete">{isDeleted ? 'Restore or delete for good' : 'Delete'}</h2>
        {isDeleted ? (
          <TrashActions experiment={experiment} onRestore={() => changes.restore.mutate()} />
        ) : (
          <DeleteAction name={name} id={id} onDelete={() => changes.remove.mutateAsync()} />
        )}
      </section>
    </div>
  );
}

function NameForm({
  name,
  isDisabled,
  onSave,
}: {
  name: string;
  isDisabled: boolean;
  onSave: (name: string) => void;
}) {
  const [draft, setDraft] = useState(name);
  const isChanged = draft.trim() !== '' && draft.trim() !== name;
  return (
    <form
      className={styles.nameForm}
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) onSave(draft.trim());
      }}
    >
      <TextField
        label="Name of the experiment"
        isLabelHidden
        className={styles.nameField}
        value={draft}
        disabled={isDisabled}
        maxLength={500}
        onChange={(event) => setDraft(event.target.value)}
      />
      <Button type="submit" disabled={!isChanged}>
        Rename
      </Button>
    </form>
  );
}

/** The two ways out of the trash. */
function TrashActions({ experiment, onRestore }: { experiment: Experiment; onRestore: () => void }) {
  const [isPurging, setPurging] = useState(false);
  const [, navigate] = useLocation();
  const [restoring, purging] = [useId(), useId()];
  return (
    <>
      <div className={styles.action}>
        <p id={restoring}>This experiment is deleted. Its runs can be read until it is deleted for good.</p>
        <Button icon="restore" aria-describedby={restoring} onClick={onRestore}>
          Restore
        </Button>
      </div>
      <div className={styles.action}>
        <p id={purging}>Removes it with its runs and all of their artifacts.</p>
        <Button kind="danger" icon="trash" aria-describedby={purging} onClick={() => setPurging(true)}>
          Delete for good…
        </Button>
      </div>
      <Suspense>
        {isPurging && (
          <PurgeExperiments
            experiments={[experiment]}
            onClose={() => setPurging(false)}
            onGone={() => navigate(paths.experiments())}
          />
        )}
      </Suspense>
    </>
  );
}

function DeleteAction({
  id,
  name,
  onDelete,
}: {
  id: string;
  name: string;
  onDelete: () => Promise<unknown>;
}) {
  const [isAsked, setAsked] = useState(false);
  const [, navigate] = useLocation();
  const note = useId();
  const remove = async () => {
    setAsked(false);
    try {
      await onDelete();
    } catch {
      return; // It was said.
    }
    navigate(paths.experiments());
    const undo = async () => {
      await restoreExperiment(id);
      await queryClient.invalidateQueries();
    };
    toast(`Deleted “${name}”.`, { action: { label: 'Undo', run: () => void undo() } });
  };
  return (
    <div className={styles.action}>
      <p id={note}>A deleted experiment and its runs can be restored until somebody purges them.</p>
      <Button kind="danger" icon="trash" aria-describedby={note} onClick={() => setAsked(true)}>
        Delete
      </Button>
      {isAsked && (
        <Dialog
          title={`Delete “${name}”?`}
          onClose={() => setAsked(false)}
          actions={
            <>
              <Button onClick={() => setAsked(false)}>Cancel</Button>
              <Button kind="danger" icon="trash" onClick={() => void remove()}>
                Delete
              </Button>
            </>
          }
        >
          <p>Whoever logs to it now gets errors. It can be restored from the list of experiments.</p>
        </Dialog>
      )}
    </div>
  );
}
