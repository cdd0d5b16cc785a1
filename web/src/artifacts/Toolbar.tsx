import type { ReactNode } from 'react';
import styles from './Toolbar.module.css';

/** The controls above a preview, and what it says about the file. */
export function Toolbar({ info, children }: { info?: ReactNode; children?: ReactNode }) {
  return (
    <div className={styles.toolbar}>
      {children}
      {info && <p className={styles.info}>{info}</p>}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One of a few ways to show the same. */
export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  return (
    <div role="group" aria-label={label} className={styles.choice}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
