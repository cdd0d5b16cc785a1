import { useState } from 'react';
import { changePassword, createUser, deleteUser } from '../../api/permissions';
import { IconButton } from '../../design/Button';
import { TextField } from '../../design/Field';
import { FormDialog } from '../../design/FormDialog';
import { toast } from '../../design/toasts';
import { useRefresh } from '../../permissions/useAccounts';
import styles from './UserDialogs.module.css';

/** Makes an account. */
export function NewUser({ onClose }: { onClose: () => void }) {
  const refresh = useRefresh();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const username = name.trim();
  return (
    <FormDialog
      title="New user"
      action="Create"
      isReady={username !== '' && password !== ''}
      onSubmit={async () => {
        await createUser(username, password);
        await refresh();
        toast(`${username} can log in now.`);
      }}
      onClose={onClose}
    >
      <TextField
        autoFocus
        label="User name"
        autoCapitalize="none"
        maxLength={255}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <NewPassword label="Password" value={password} onChange={setPassword} />
    </FormDialog>
  );
}

/** Another password for somebody who has lost theirs. */
export function ResetPassword({ username, onClose }: { username: string; onClose: () => void }) {
  const [password, setPassword] = useState('');
  return (
    <FormDialog
      title={`Reset the password of ${username}`}
      action="Set the password"
      isReady={password !== ''}
      onSubmit={async () => {
        await changePassword(username, password);
        toast(`${username} has another password. All sessions of ${username} have ended.`);
      }}
      onClose={onClose}
    >
      <NewPassword label="New password" value={password} onChange={setPassword} />
    </FormDialog>
  );
}

interface DeleteProps {
  username: string;
  onDeleted?: () => void;
  onClose: () => void;
}

/** Deletes an account, after its name is typed. */
export function DeleteUser({ username, onDeleted, onClose }: DeleteProps) {
  const refresh = useRefresh();
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      title={`Delete ${username}?`}
      action="Delete"
      isDangerous
      isReady={typed === username}
      onSubmit={async () => {
        await deleteUser(username);
        await refresh(onDeleted ? 'later' : 'now');
        onDeleted?.();
        toast(`${username} is deleted.`);
      }}
      onClose={onClose}
    >
      <p>
        The account, its permissions, sessions and tokens are gone for ever; experiments and models stay. Type{' '}
        <strong>{username}</strong> to go on.
      </p>
      <TextField
        label="User name"
        autoCapitalize="none"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </FormDialog>
  );
}

interface NewPasswordProps {
  label: string;
  value: string;
  onChange: (password: string) => void;
}

/** A password that somebody else is told. */
function NewPassword({ label, value, onChange }: NewPasswordProps) {
  const [isShown, setShown] = useState(false);
  return (
    <div className={styles.password}>
      <TextField
        label={label}
        type={isShown ? 'text' : 'password'}
        autoComplete="new-password"
        value={value}
        hint="12 characters at least, and none of the common ones."
        onChange={(event) => onChange(event.target.value)}
      />
      <IconButton
        icon={isShown ? 'eyeOff' : 'eye'}
        label={isShown ? 'Hide the password' : 'Show the password'}
        onClick={() => setShown(!isShown)}
      />
    </div>
  );
}
