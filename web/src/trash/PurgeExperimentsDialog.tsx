import { useState } from 'react';
import { TextField } from '../design/Field';
import { FormDialog } from '../design/FormDialog';
import { grouped } from '../format/number';
import styles from './Purge.module.css';
import { isTyped } from './typed';

interface Props {
  experiments: readonly { experiment_id: string; name: string }[];
  onClose: () => void;
  onPurge: (ids: readonly string[]) => void;
}

/** Names that are read out; of more only their number is said. */
const NAMED = 8;

/** Asks before experiments are removed for good: the name is typed, or of several how many they are. */
export default function PurgeExperimentsDialog({ experiments, onClose, onPurge }: Props) {
  const [typed, setTyped] = useState('');
  const names = experiments.map(({ name }) => name);
  const [only = ''] = names;
  const isOne = names.length === 1;
  const expected = isOne ? only : `${grouped(names.length)} experiments`;
  return (
    <FormDialog
      title={isOne ? `Delete “${only}” for good?` : `Delete ${expected} for good?`}
      action={isOne ? 'Delete for good' : `Delete ${expected} for good`}
      isDangerous
      isReady={isTyped(typed, expected)}
      onSubmit={async () => onPurge(experiments.map((one) => one.experiment_id))}
      onClose={onClose}
    >
      {!isOne && (
        <ul className={styles.names} aria-label="Experiments" tabIndex={0}>
          {names.slice(0, NAMED).map((name) => (
            <li key={name}>{name}</li>
          ))}
          {names.length > NAMED && <li>and {grouped(names.length - NAMED)} more</li>}
        </ul>
      )}
      <p>
        All {isOne ? 'its' : 'their'} runs, logged models and traces go, and all {isOne ? 'its' : 'their'}{' '}
        artifacts. <strong>This cannot be undone.</strong> What a version of a registered model comes from
        stays, and so does its experiment.
      </p>
      <p>
        Type <strong className={styles.name}>{expected}</strong> to go on.
      </p>
      <TextField
        label={isOne ? 'Name of the experiment' : 'How many'}
        autoCapitalize="none"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </FormDialog>
  );
}
