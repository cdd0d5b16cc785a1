import { useState } from 'react';
import type { KeyValue } from '../../../api/mlflow';
import { Button, IconButton } from '../../../design/Button';
import { TextField } from '../../../design/Field';
import styles from './Settings.module.css';

interface Props {
  tags: readonly KeyValue[];
  isDisabled: boolean;
  onSet: (key: string, value: string) => void;
  onDelete: (key: string) => void;
}

/** Tags with their values, and a form for one more or another value. */
export function TagList({ tags, isDisabled, onSet, onDelete }: Props) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const isKnown = tags.some((tag) => tag.key === key.trim());
  return (
    <>
      {tags.length === 0 && <p className={styles.none}>No tags.</p>}
      <ul className={styles.tags}>
        {tags.map((tag) => (
          <li key={tag.key}>
            <span className={styles.key}>{tag.key}</span>
            <span className={styles.value}>{tag.value}</span>
            {!isDisabled && (
              <>
                <IconButton
                  icon="edit"
                  label={`Edit ${tag.key}`}
                  onClick={() => {
                    setKey(tag.key);
                    setValue(tag.value);
                  }}
                />
                <IconButton icon="trash" label={`Remove ${tag.key}`} onClick={() => onDelete(tag.key)} />
              </>
            )}
          </li>
        ))}
      </ul>
      {!isDisabled && (
        <form
          className={styles.tagForm}
          onSubmit={(event) => {
            event.preventDefault();
            if (!key.trim()) return;
            onSet(key.trim(), value);
            setKey('');
            setValue('');
          }}
        >
          <TextField label="Key" value={key} onChange={(event) => setKey(event.target.value)} />
          <TextField label="Value" value={value} onChange={(event) => setValue(event.target.value)} />
          <Button type="submit" disabled={!key.trim()}>
            {isKnown ? 'Change' : 'Add'}
          </Button>
        </form>
      )}
    </>
  );
}
