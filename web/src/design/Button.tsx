import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './Button.module.css';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one thing to do here. `quiet`: without a frame. `danger`: cannot be undone lightly. */
  kind?: 'normal' | 'primary' | 'quiet' | 'danger';
  icon?: IconName;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = 'normal', icon, className, children, type = 'button', ...rest }: Props) {
  return (
    <button {...rest} type={type} className={classes(styles.button, styles[kind], className)}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> {
  icon: IconName;
  /** What it does: its name for screen readers, and its tooltip. */
  label: string;
  /** Pressed or not, for a button that switches. */
  isOn?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button that is only an icon. */
export function IconButton({ icon, label, isOn, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      aria-pressed={isOn}
      title={label}
      className={classes(styles.icon, isOn && styles.on, className)}
    >
      <Icon name={icon} />
    </button>
  );
}
