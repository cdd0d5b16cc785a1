import { useId, useState } from 'react';
import { Button } from '../../../design/Button';
import { Dialog } from '../../../design/Dialog';
import { Checkbox, TextField } from '../../../design/Field';
import styles from '../bulk/Bulk.module.css';

interface Props {
  taken: readonly string[];
  suggested: string;
  onClose: () => void;
  onSave: (name: string, isDefault: boolean) => void;
}

export function SaveViewDialog({ taken, suggested, onClose, onSave }: Props) {
  const [name, setName] = useState(suggested);
  const [isDefault, setDefault] = useState(false);
  const form = useId();
  const isTaken = taken.includes(name.trim());
  return (
    <Dialog
      title="Save this view"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} disabled={!name.trim()}>
            {isTaken ? 'Replace' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) onSave(name.trim(), isDefault);
        }}
      >
        <TextField
          label="Name"
          autoFocus
          value={name}
          maxLength={100}
          hint={
            isTaken
              ? 'There is a view of this name: it is replaced.'
              : 'Everybody who sees the experiment sees it.'
          }
          onChange={(event) => setName(event.target.value)}
        />
        <Checkbox
          label="Show it whenever the experiment is opened"
          checked={isDefault}
          onChange={(event) => setDefault(event.target.checked)}
        />
      </form>
    </Dialog>
  );
}
