import { useId, useState } from 'react';
import type { BulkOperation } from '../../../api/types';
import { Button } from '../../../design/Button';
import { Dialog } from '../../../design/Dialog';
import { TextField } from '../../../design/Field';
import { Icon } from '../../../design/Icon';
import { COLOR_TAG, SERIES_COLORS } from '../../../runs/colors';
import styles from './Bulk.module.css';
import { runsOf } from './runBulk';

export type BulkQuestion = 'tag' | 'untag' | 'rename' | 'color' | 'delete';

interface Props {
  question: BulkQuestion;
  count: number;
  runId: string | null;
  onClose: () => void;
  onChange: (operation: BulkOperation) => void;
  onDelete: () => void;
}

const TITLES: Record<BulkQuestion, string> = {
  tag: 'Add a tag to',
  untag: 'Remove a tag from',
  rename: 'Rename',
  color: 'Colour of',
  delete: 'Delete',
};

/** What is missing for a change of many runs. */
export default function BulkDialog({ question, count, onClose, onChange, onDelete }: Props) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const form = useId();
  const title = `${TITLES[question]} ${runsOf(count)}`;

  if (question === 'color') {
    return (
      <Dialog title={title} onClose={onClose}>
        <div className={styles.colors}>
          {Array.from({ length: SERIES_COLORS }, (_, i) => (
            <button
              key={i}
              type="button"
              className={styles.color}
              aria-label={`Colour ${i + 1}`}
              style={{ background: `var(--series-${i + 1})` }}
              onClick={() => onChange({ set_tag: { key: COLOR_TAG, value: String(i + 1) } })}
            />
          ))}
        </div>
        <Button kind="quiet" icon="restore" onClick={() => onChange({ delete_tag: { key: COLOR_TAG } })}>
          Back to the colour of their ids
        </Button>
      </Dialog>
    );
  }

  if (question === 'delete') {
    return (
      <Dialog
        title={title}
        onClose={onClose}
        actions={
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="danger" icon="trash" onClick={onDelete}>
              Delete {runsOf(count)}
            </Button>
          </>
        }
      >
        <p>
          Deleted runs are kept until somebody purges them: they can be restored from the state “Deleted”.
        </p>
      </Dialog>
    );
  }

  const isReady = question === 'rename' ? value.trim() !== '' : key.trim() !== '';
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (!isReady) return;
    if (question === 'rename') onChange({ rename: { name: value.trim() } });
    else if (question === 'tag') onChange({ set_tag: { key: key.trim(), value } });
    else onChange({ delete_tag: { key: key.trim() } });
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} disabled={!isReady}>
            {question === 'tag' ? 'Add the tag' : question === 'untag' ? 'Remove the tag' : 'Rename'}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className={styles.form}>
        {question !== 'rename' && (
          <TextField label="Key" value={key} autoFocus onChange={(event) => setKey(event.target.value)} />
        )}
        {question === 'tag' && (
          <TextField label="Value" value={value} onChange={(event) => setValue(event.target.value)} />
        )}
        {question === 'rename' && (
          <TextField
            label="Name"
            value={value}
            autoFocus
            onChange={(event) => setValue(event.target.value)}
          />
        )}
        {question === 'tag' && count > 1 && (
          <p className={styles.note}>
            <Icon name="info" /> A run that already has the tag gets the new value.
          </p>
        )}
      </form>
    </Dialog>
  );
}
