import { useState } from 'react';
import type { KeyValue, Run } from '../../../api/mlflow';
import { Button, IconButton } from '../../../design/Button';
import { TextField } from '../../../design/Field';
import { isSystemTag, NOTE_TAG } from '../runFacts';
import { useRunChanges } from '../useRunChanges';
import { byKey } from '../../../format/order';
import { LongText } from './LongText';
import { Nothing, Section } from './Section';
import styles from './Tags.module.css';

export function Tags({ run }: { run: Run }) {
  const [withSystem, setWithSystem] = useState(false);
  const [edited, setEdited] = useState<string | null>(null);
  const [isAdding, setAdding] = useState(false);
  const { setTag, deleteTag } = useRunChanges(run.info.run_id);
  // The note has a place of its own.
  const all = (run.data.tags ?? []).filter(({ key }) => key !== NOTE_TAG).sort(byKey);
  const own = all.filter((tag) => !isSystemTag(tag));
  const system = all.filter(isSystemTag);
  const canEdit = run.info.lifecycle_stage === 'active';
  const row = (tag: KeyValue, isFixed: boolean) =>
    edited === tag.key ? (
      <li key={tag.key}>
        <TagForm
          tag={tag}
          isKeyFixed
          onCancel={() => setEdited(null)}
          onSave={(changed) => {
            setEdited(null);
            if (changed.value !== tag.value) setTag.mutate(changed);
          }}
        />
      </li>
    ) : (
      <li key={tag.key} className={styles.tag}>
        <span className={styles.key} title={tag.key}>
          {tag.key}
        </span>
        <span className={styles.value}>
          <LongText text={tag.value} title={tag.key} />
        </span>
        {canEdit && !isFixed && (
          <span className={styles.tools}>
            <IconButton icon="edit" label={`Edit ${tag.key}`} onClick={() => setEdited(tag.key)} />
            <IconButton icon="trash" label={`Remove ${tag.key}`} onClick={() => deleteTag.mutate(tag.key)} />
          </span>
        )}
      </li>
    );
  return (
    <Section
      title="Tags"
      count={own.length}
      tools={
        <>
          {system.length > 0 && (
            <Button kind="quiet" aria-pressed={withSystem} onClick={() => setWithSystem(!withSystem)}>
              {withSystem ? 'Hide' : 'Show'} {system.length} system tags
            </Button>
          )}
          {canEdit && <IconButton icon="plus" label="Add a tag" onClick={() => setAdding(true)} />}
        </>
      }
    >
      {isAdding && (
        <TagForm
          tag={{ key: '', value: '' }}
          onCancel={() => setAdding(false)}
          onSave={(tag) => {
            setAdding(false);
            setTag.mutate(tag);
          }}
        />
      )}
      {own.length === 0 && !isAdding && !withSystem && <Nothing>No tags.</Nothing>}
      <ul className={styles.tags}>
        {own.map((tag) => row(tag, false))}
        {withSystem && system.map((tag) => row(tag, true))}
      </ul>
    </Section>
  );
}

interface FormProps {
  tag: KeyValue;
  isKeyFixed?: boolean;
  onSave: (tag: KeyValue) => void;
  onCancel: () => void;
}

function TagForm({ tag, isKeyFixed, onSave, onCancel }: FormProps) {
  const [key, setKey] = useState(tag.key);
  const [value, setValue] = useState(tag.value);
  return (
    <form
      className={styles.form}
      aria-label={isKeyFixed ? `Edit ${tag.key}` : 'Add a tag'}
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim()) onSave({ key: key.trim(), value });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
    >
      {isKeyFixed ? (
        <span className={styles.key}>{key}</span>
      ) : (
        <TextField
          label="Key"
          isLabelHidden
          placeholder="Key"
          autoFocus
          maxLength={250}
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      )}
      <TextField
        label={`Value of ${key || 'the tag'}`}
        isLabelHidden
        placeholder="Value"
        autoFocus={isKeyFixed ?? false}
        maxLength={8000}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <span className={styles.buttons}>
        <IconButton icon="check" label="Save" type="submit" disabled={!key.trim()} />
        <IconButton icon="close" label="Cancel" onClick={onCancel} />
      </span>
    </form>
  );
}
