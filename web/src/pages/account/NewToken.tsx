import { useState } from 'react';
import { createToken, type TokenScope } from '../../api/tokens';
import { CodeSnippets } from '../../design/CodeSnippets';
import { Button } from '../../design/Button';
import { Dialog } from '../../design/Dialog';
import { SelectField, TextField } from '../../design/Field';
import { FormDialog } from '../../design/FormDialog';
import { CopyButton } from '../../design/Values';
import { serverAddress } from '../../app/base';
import styles from './AccountPage.module.css';
import { type Expiry, EXPIRIES, expiryAt, usesOfToken } from './token';

const SCOPES = [
  { value: 'all', label: 'Whatever you may' },
  { value: 'EDIT', label: 'EDIT: read and log' },
  { value: 'READ', label: 'READ: only read' },
] as const;

interface Props {
  username: string;
  onMade: () => void;
  onClose: () => void;
}

/** Makes a token, and shows its secret this once. */
export default function NewToken({ username, onMade, onClose }: Props) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<TokenScope | 'all'>('all');
  const [expiry, setExpiry] = useState<Expiry>('90');
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) {
    return (
      <Dialog
        title={`The token “${name.trim()}”`}
        width="wide"
        onClose={onClose}
        actions={
          <Button kind="primary" autoFocus onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <p>Copy it now: it is shown only this once.</p>
        <p className={styles.secret}>
          <code>{secret}</code>
          <CopyButton text={secret} label="Copy the token" />
        </p>
        <CodeSnippets label="How to use it" snippets={usesOfToken(serverAddress(), username, secret)} />
      </Dialog>
    );
  }
  return (
    <FormDialog
      title="New API token"
      action="Create"
      isReady={name.trim() !== ''}
      onSubmit={async () => {
        const made = await createToken({
          name: name.trim(),
          scope: scope === 'all' ? null : scope,
          expires_at_ms: expiryAt(expiry, Date.now()),
        });
        onMade();
        setSecret(made.secret);
        return 'stay';
      }}
      onClose={onClose}
    >
      <TextField
        autoFocus
        label="Name"
        value={name}
        maxLength={255}
        hint="Where it is used: laptop, nightly-training"
        onChange={(event) => setName(event.target.value)}
      />
      <SelectField label="May" value={scope} options={SCOPES} onChange={setScope} />
      <SelectField label="Ends" value={expiry} options={EXPIRIES} onChange={setExpiry} />
    </FormDialog>
  );
}
