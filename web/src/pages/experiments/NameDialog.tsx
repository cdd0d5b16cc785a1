import { useState } from 'react';
import { ApiError } from '../../api/http';
import { Button } from '../../design/Button';
import { Dialog } from '../../design/Dialog';
import { TextField } from '../../design/Field';
import { inWords } from '../../design/States';
import styles from './dialogs.module.css';

interface Props {
  title: string;
  action: string;
  name: string;
  /** Also asks where the artifacts go. */
  withLocation?: boolean;
  onDone: (name: string, location: string) => Promise<unknown>;
  onClose: () => void;
}

/** The name of an experiment: a new one, or another. What the server refuses is said beside the field. */
export function NameDialog({ title, action, name: before, withLocation = false, onDone, onClose }: Props) {
  const [name, setName] = useState(before);
  const [location, setLocation] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onDone(name.trim(), location.trim());
      onClose();
    } catch (failure) {
      setError(
        failure instanceof ApiError && [400, 403].includes(failure.status)
          ? failure.message
          : inWords(failure).title,
      );
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            type="submit"
            form="experiment-name"
            disabled={isBusy || !name.trim() || (name.trim() === before && !withLocation)}
          >
            {action}
          </Button>
        </>
      }
    >
      <form id="experiment-name" className={styles.form} onSubmit={(event) => void submit(event)}>
        <TextField
          autoFocus
          label="Name"
          value={name}
          error={error}
          hint="Slashes make folders: vision/resnet"
          onFocus={(event) => event.target.setSelectionRange(before.lastIndexOf('/') + 1, before.length)}
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
        />
        {withLocation && (
          <TextField
            label="Artifact location (optional)"
            value={location}
            placeholder="The server's default"
            hint="Where files of its runs are kept, such as s3://bucket/path. It cannot be changed later."
            onChange={(event) => setLocation(event.target.value)}
          />
        )}
      </form>
    </Dialog>
  );
}
