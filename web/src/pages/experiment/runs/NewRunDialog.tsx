import { useId, useState } from 'react';
import { useLocation } from 'wouter';
import { createRun, type KeyValue } from '../../../api/mlflow';
import { paths } from '../../../app/paths';
import { Button, IconButton } from '../../../design/Button';
import { Dialog } from '../../../design/Dialog';
import { SelectField, TextField } from '../../../design/Field';
import { inWords } from '../../../design/States';
import styles from './NewRunDialog.module.css';

interface Props {
  experimentIds: readonly string[];
  experimentNames: ReadonlyMap<string, string>;
  onClose: () => void;
}

type State = 'RUNNING' | 'FINISHED';

const STATES: readonly { value: State; label: string }[] = [
  { value: 'RUNNING', label: 'Running: a program will log to it' },
  { value: 'FINISHED', label: 'Finished: a record of something done' },
];

/** Makes a run by hand, and opens it. What the server refuses is said here. */
export default function NewRunDialog({ experimentIds, experimentNames, onClose }: Props) {
  const [, navigate] = useLocation();
  const [experiment, setExperiment] = useState(experimentIds[0] ?? '');
  const [name, setName] = useState('');
  const [state, setState] = useState<State>('RUNNING');
  const [tags, setTags] = useState<readonly KeyValue[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useId();

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const run = await createRun(experiment, {
        name: name.trim(),
        startTime: Date.now(),
        tags: tags.filter(({ key }) => key.trim()).map(({ key, value }) => ({ key: key.trim(), value })),
        isFinished: state === 'FINISHED',
      });
      navigate(paths.run(run.info.run_id));
    } catch (failure) {
      const { title, detail } = inWords(failure);
      setError(detail || title);
      setBusy(false);
    }
  };
  const change = (at: number, next: Partial<KeyValue>) =>
    setTags(tags.map((tag, i) => (i === at ? { ...tag, ...next } : tag)));

  return (
    <Dialog
      title="New run"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} disabled={isBusy}>
            Create
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={(event) => void submit(event)}>
        <TextField
          autoFocus
          label="Name (optional)"
          value={name}
          maxLength={250}
          error={error}
          hint="Without one the server makes one up."
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
        />
        {experimentIds.length > 1 && (
          <SelectField
            label="Experiment"
            value={experiment}
            options={experimentIds.map((id) => ({ value: id, label: experimentNames.get(id) ?? id }))}
            onChange={setExperiment}
          />
        )}
        <SelectField label="State" value={state} options={STATES} onChange={setState} />
        {tags.map((tag, i) => (
          <div key={i} className={styles.tag} role="group" aria-label={`Tag ${i + 1}`}>
            <TextField
              label="Tag"
              isLabelHidden={i > 0}
              value={tag.key}
              onChange={(event) => change(i, { key: event.target.value })}
            />
            <TextField
              label="Value"
              isLabelHidden={i > 0}
              value={tag.value}
              onChange={(event) => change(i, { value: event.target.value })}
            />
            <IconButton
              icon="close"
              label={`Without the tag ${tag.key}`}
              onClick={() => setTags(tags.filter((_, other) => other !== i))}
            />
          </div>
        ))}
        <div>
          <Button icon="plus" onClick={() => setTags([...tags, { key: '', value: '' }])}>
            Tag
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
