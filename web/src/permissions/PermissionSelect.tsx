import type { Grant, Permission } from '../api/permissions';
import { SelectField } from '../design/Field';
import styles from './Permissions.module.css';
import { grantsOf } from './words';

interface Props {
  /** Whose and on what, for its name. */
  label: string;
  type: string;
  value: Permission;
  onChange: (permission: Grant) => void;
}

/** A permission that can be changed where it stands. */
export function PermissionSelect({ label, type, value, onChange }: Props) {
  const options: { value: Permission; label: string }[] = [...grantsOf(type)];
  // What an older MLflow granted is shown as it is.
  if (!options.some((one) => one.value === value)) options.push({ value, label: value });
  return (
    <SelectField
      label={label}
      isLabelHidden
      className={styles.select ?? ''}
      value={value}
      options={options}
      onChange={(next) => {
        if (next !== 'NO_PERMISSIONS') onChange(next);
      }}
    />
  );
}
