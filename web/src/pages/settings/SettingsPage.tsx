import type { ReactNode } from 'react';
import { useBreadcrumb } from '../../app/breadcrumb';
import { chooseDensity, DENSITIES, useDensity } from '../../app/density';
import { chooseTheme } from '../../app/theme';
import { THEMES, useTheme } from '../../app/ThemeMenu';
import { chooseTimeZone, useTimeZone } from '../../app/timeZone';
import { localTime } from '../../format/time';
import styles from './SettingsPage.module.css';

/** How the pages look: kept in this browser. */
export default function SettingsPage() {
  useBreadcrumb([{ label: 'Settings' }]);
  return (
    <div className={styles.page}>
      <h1>Settings</h1>
      <p className={styles.note}>Kept in this browser, for all experiments.</p>
      <Choice
        title="Theme"
        value={useTheme()}
        options={THEMES.map(({ theme, label }) => ({ value: theme, label }))}
        onChoose={chooseTheme}
      />
      <Choice
        title="Rows of tables"
        value={useDensity()}
        options={DENSITIES.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
        onChoose={chooseDensity}
      />
      <Choice
        title="Times"
        value={useTimeZone()}
        options={[
          { value: 'local', label: `Local (${Intl.DateTimeFormat().resolvedOptions().timeZone})` },
          { value: 'utc', label: 'UTC' },
        ]}
        onChoose={chooseTimeZone}
        note={`Now: ${localTime(Date.now())}`}
      />
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  title: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChoose: (value: Value) => void;
  note?: ReactNode;
}

function Choice<Value extends string>({ title, value, options, onChoose, note }: ChoiceProps<Value>) {
  return (
    <fieldset className={styles.choice}>
      <legend>{title}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={title}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
      {note && <p className={styles.note}>{note}</p>}
    </fieldset>
  );
}
