import { useState } from 'react';
import type { ExperimentSummary } from '../../api/types';
import { Button, IconButton } from '../../design/Button';
import { Dialog } from '../../design/Dialog';
import { TextField } from '../../design/Field';
import { inWords } from '../../design/States';
import styles from './dialogs.module.css';
import { ownTags } from './tags';

interface Props {
  /** One, whose tags are shown, or several, which all get the new tag. */
  experiments: readonly ExperimentSummary[];
  onSet: (key: string, value: string) => Promise<unknown>;
  onDelete: (key: string) => Promise<unknown>;
  onClose: () => void;
}

export function TagsDialog({ experiments, onSet, onDelete, onClose }: Props) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [only] = experiments;
  const isOne = experiments.length === 1 && only !== undefined;
  const tags = isOne ? ownTags(only) : [];
  const attempt = async (act: () => Promise<unknown>) => {
    setError(null);
    try {
      await act();
      return true;
    } catch (failure) {
      const { title, detail } = inWords(failure);
      setError(detail || title);
      return false;
    }
  };
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!(await attempt(() => onSet(key.trim(), value)))) return;
    if (!isOne) return onClose();
    setKey('');
    setValue('');
    document.getElementById('tag-form')?.querySelector('input')?.focus();
  };
  return (
    <Dialog
      title={isOne ? `Tags of ${only.name}` : `Add a tag to ${experiments.length} experiments`}
      onClose={onClose}
    >
      {tags.length > 0 && (
        <ul className={styles.tags}>
          {tags.map(([name, text]) => (
            <li key={name}>
              <span className={styles.key}>{name}</span>
              <span className={styles.value}>{text}</span>
              <IconButton
                icon="edit"
                label={`Change ${name}`}
                onClick={() => {
                  setKey(name);
                  setValue(text);
                  document.getElementById('tag-form')?.querySelectorAll('input')[1]?.focus();
                }}
              />
              <IconButton
                icon="trash"
                label={`Delete ${name}`}
                onClick={() => void attempt(() => onDelete(name))}
              />
            </li>
          ))}
        </ul>
      )}
      <form id="tag-form" className={styles.pair} onSubmit={(event) => void submit(event)}>
        <TextField
          autoFocus
          label="Key"
          value={key}
          error={error}
          onChange={(event) => setKey(event.target.value)}
        />
        <TextField label="Value" value={value} onChange={(event) => setValue(event.target.value)} />
        <Button kind="primary" type="submit" disabled={!key.trim()}>
          {tags.some(([name]) => name === key.trim()) ? 'Change' : 'Add'}
        </Button>
      </form>
    </Dialog>
  );
}
