import { useState } from 'react';
import { changePassword } from '../../api/permissions';
import { Button } from '../../design/Button';
import { TextField } from '../../design/Field';
import { inWords } from '../../design/States';
import { toast } from '../../design/toasts';
import styles from './AccountPage.module.css';
import { type PasswordField, refusedField } from './refusedField';

const EMPTY = { current: '', next: '', repeated: '' };

/** The reader's own password. What the server refuses is said at the field that it is about. */
export function PasswordForm({ username }: { username: string }) {
  const [values, setValues] = useState(EMPTY);
  const [failure, setFailure] = useState<{ field: PasswordField; text: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { current, next, repeated } = values;
  const isOther = repeated !== '' && repeated !== next;
  const set = (field: keyof typeof EMPTY) => (event: React.ChangeEvent<HTMLInputElement>) => {
    setValues({ ...values, [field]: event.target.value });
    setFailure(null);
  };
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (isBusy || !current || !next || next !== repeated) return;
    setBusy(true);
    setFailure(null);
    try {
      await changePassword(username, next, current);
      setValues(EMPTY);
      toast('The password is changed. Your other sessions have ended.');
    } catch (error) {
      const { title, detail } = inWords(error);
      setFailure({ field: refusedField(error), text: detail || title });
    }
    setBusy(false);
  };
  return (
    <section className={styles.section} aria-labelledby="account-password">
      <h2 id="account-password">Password</h2>
      <form className={styles.password} onSubmit={(event) => void submit(event)}>
        {/* So that the browser knows whose password it keeps. */}
        <input hidden readOnly name="username" autoComplete="username" value={username} />
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          error={failure?.field === 'current' ? failure.text : null}
          onChange={set('current')}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          value={next}
          error={failure?.field === 'next' ? failure.text : null}
          hint="12 characters at least, and none of the common ones."
          onChange={set('next')}
        />
        <TextField
          label="New password, once more"
          type="password"
          autoComplete="new-password"
          value={repeated}
          error={isOther ? 'This is another one.' : null}
          onChange={set('repeated')}
        />
        <Button type="submit" disabled={isBusy || !current || !next || next !== repeated}>
          Change the password
        </Button>
      </form>
    </section>
  );
}
