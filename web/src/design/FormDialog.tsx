import { type ReactNode, useId, useState } from 'react';
import { Button } from './Button';
import { Dialog } from './Dialog';
import styles from './FormDialog.module.css';
import { inWords } from './States';

interface Props {
  title: string;
  /** The word on the button that does it. */
  action: string;
  /** Deletes something. */
  isDangerous?: boolean;
  /** Whether everything that is needed is filled in. */
  isReady?: boolean;
  /** Does it; closes the dialog unless it says `stay`. What it throws is told in the dialog. */
  onSubmit: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog with fields, one button that does something, and what the server has against it. */
export function FormDialog(props: Props) {
  const { title, action, isDangerous = false, isReady = true, onSubmit, onClose, children } = props;
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useId();
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (isBusy || !isReady) return;
    setBusy(true);
    setError(null);
    try {
      if ((await onSubmit()) !== 'stay') onClose();
    } catch (failure) {
      const { title: what, detail } = inWords(failure);
      setError(detail || what);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind={isDangerous ? 'danger' : 'primary'}
            type="submit"
            form={form}
            disabled={isBusy || !isReady}
          >
            {action}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={(event) => void submit(event)}>
        {children}
        {error !== null && (
          <p role="alert" className={styles.error}>
            {error}
          </p>
        )}
      </form>
    </Dialog>
  );
}
