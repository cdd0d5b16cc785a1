import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ApiError } from '../../api/http';
import {
  createModelVersion,
  createRegisteredModel,
  getLoggedModel,
  type ModelVersion,
  registeredModelNames,
  type Run,
} from '../../api/mlflow';
import { Button } from '../../design/Button';
import { Dialog } from '../../design/Dialog';
import { SelectField, TextField } from '../../design/Field';
import { inWords } from '../../design/States';
import { CopyButton } from '../../design/Values';
import { modelSources } from './modelSources';
import styles from './RegisterDialog.module.css';

/** Makes a version of a registered model, which is there or is made, from a model of the run. */
export default function RegisterDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<ModelVersion | null>(null);
  const [form, list] = [useId(), useId()];
  const words = name.trim();
  const names = useQuery({
    queryKey: ['registered-models/search', 'names', words],
    queryFn: ({ signal }) => registeredModelNames(words, signal),
    placeholderData: (before) => before,
    enabled: made === null,
  });
  const models = useQueries({
    queries: (run.outputs?.model_outputs ?? []).map(({ model_id: id }) => ({
      queryKey: ['logged-models/get', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => getLoggedModel(id, signal),
    })),
  });
  const sources = modelSources(
    run,
    new Map(models.flatMap(({ data }) => (data ? [[data.info.model_id, data]] : []))),
  );
  const source = sources.find((one) => one.source === chosen) ?? sources[0];
  const isKnown = names.data?.includes(words) ?? false;

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!source) return;
    setBusy(true);
    setError(null);
    try {
      if (!isKnown)
        await createRegisteredModel(words).catch((failure: unknown) => {
          // Somebody made it meanwhile: another version of it is what is wanted.
          if (!(failure instanceof ApiError && failure.code === 'RESOURCE_ALREADY_EXISTS')) throw failure;
        });
      setMade(
        await createModelVersion({
          name: words,
          source: source.source,
          run_id: run.info.run_id,
          ...(source.modelId !== null && { model_id: source.modelId }),
        }),
      );
      for (const queryKey of [['model-versions/search', run.info.run_id], ['registered-models/search']])
        void client.invalidateQueries({ queryKey });
    } catch (failure) {
      const { title, detail } = inWords(failure);
      setError(detail || title);
    }
    setBusy(false);
  };

  if (made) {
    const uri = `models:/${made.name}/${made.version}`;
    return (
      <Dialog
        title="Registered"
        onClose={onClose}
        actions={
          <Button kind="primary" autoFocus onClick={onClose}>
            Close
          </Button>
        }
      >
        <p role="status">
          Version {made.version} of {made.name} is this run’s model.
        </p>
        <p className={styles.uri}>
          <code>{uri}</code>
          <CopyButton text={uri} label="Copy the URI of the version" />
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Register a model"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} disabled={isBusy || !words || !source}>
            Register
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={(event) => void submit(event)}>
        <TextField
          autoFocus
          label="Registered model"
          list={list}
          value={name}
          error={error}
          hint={
            !words
              ? 'One that is there, or the name of a new one.'
              : isKnown
                ? 'It gets another version.'
                : 'A new registered model with this name.'
          }
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
        />
        <datalist id={list}>
          {(names.data ?? []).map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <SelectField
          label="Model of the run"
          value={source?.source ?? ''}
          options={sources.map((one) => ({ value: one.source, label: one.label }))}
          onChange={setChosen}
        />
      </form>
    </Dialog>
  );
}
