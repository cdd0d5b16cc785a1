import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { registeredModelNames } from '../api/mlflow';
import type { Grant, Resource } from '../api/permissions';
import { Button } from '../design/Button';
import { SelectField, TextField } from '../design/Field';
import { inWords } from '../design/States';
import styles from './Permissions.module.css';
import { useExperimentNames } from './useAccounts';
import { grantsOf, isNamed, MEANINGS, typeOptions } from './words';

interface Props {
  isRole: boolean;
  onGrant: (resource: Resource, permission: Grant) => Promise<unknown>;
}

/** One more permission: on what, and which. What the server refuses is said below. */
export function GrantForm({ isRole, onGrant }: Props) {
  const [type, setType] = useState('experiment');
  const [id, setId] = useState('');
  const [permission, setPermission] = useState<Grant>('READ');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const list = useId();
  const experiments = useExperimentNames(type === 'experiment');
  const models = useQuery({
    queryKey: ['registered-models/search', 'names', id.trim()],
    queryFn: ({ signal }) => registeredModelNames(id.trim() === '*' ? '' : id.trim(), signal),
    enabled: type === 'registered_model',
    placeholderData: (before) => before,
  });
  const grants = grantsOf(type);
  const chosen = grants.some(({ value }) => value === permission) ? permission : 'USE';
  const target = isNamed(type) ? id.trim() : '*';
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (isBusy || !target) return;
    setBusy(true);
    setError(null);
    try {
      await onGrant({ type, id: idOf(type, target, experiments) }, chosen);
      setId('');
    } catch (failure) {
      const { title, detail } = inWords(failure);
      setError(detail || title);
    }
    setBusy(false);
  };
  return (
    <form className={styles.form} aria-label="Grant a permission" onSubmit={(event) => void submit(event)}>
      <SelectField label="On" value={type} options={typeOptions(isRole)} onChange={setType} />
      <TextField
        label={type === 'experiment' ? 'Name or ID, * for all' : 'Name, * for all'}
        list={list}
        disabled={!isNamed(type)}
        value={isNamed(type) ? id : '*'}
        onChange={(event) => {
          setId(event.target.value);
          setError(null);
        }}
      />
      <datalist id={list}>
        {type === 'experiment' && [...experiments].map(([one, name]) => <option key={one} value={name} />)}
        {type === 'registered_model' && models.data?.map((name) => <option key={name} value={name} />)}
      </datalist>
      <SelectField label="Permission" value={chosen} options={grants} onChange={setPermission} />
      <Button type="submit" disabled={isBusy || !target}>
        Grant
      </Button>
      <p role="alert" className={styles.formNote} data-failed={error !== null || undefined}>
        {error ?? `${chosen}: ${MEANINGS[chosen]}`}
      </p>
    </form>
  );
}

/** Experiments are granted by id; people know their names. */
function idOf(type: string, text: string, experiments: ReadonlyMap<string, string>): string {
  if (type !== 'experiment' || experiments.has(text)) return text;
  return [...experiments].find(([, name]) => name === text)?.[0] ?? text;
}
