import { useState } from 'react';
import { Button } from '../../design/Button';
import { SelectField } from '../../design/Field';
import styles from './AdminPage.module.css';

interface Props {
  label: string;
  action: string;
  options: readonly { value: string; label: string }[];
  /** Said when there is nothing to choose. */
  none: string;
  onChoose: (value: string, label: string) => Promise<unknown>;
}

/** One of a list, and a button that takes it. */
export function ChooseOne({ label, action, options, none, onChoose }: Props) {
  const [wanted, setWanted] = useState('');
  const chosen = options.find(({ value }) => value === wanted) ?? options[0];
  return (
    <form
      className={styles.assign}
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) void onChoose(chosen.value, chosen.label);
      }}
    >
      <SelectField
        label={label}
        disabled={!chosen}
        value={chosen?.value ?? ''}
        options={chosen ? options : [{ value: '', label: none }]}
        onChange={setWanted}
      />
      <Button type="submit" disabled={!chosen}>
        {action}
      </Button>
    </form>
  );
}
