import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { Icon } from '../../design/Icon';
import styles from './Palette.module.css';

interface Props {
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
  /** What makes the field a combobox, once there is something to choose from. */
  field?: React.InputHTMLAttributes<HTMLInputElement>;
  children?: ReactNode;
}

/** The palette's dialog and field: there at once, so that no key is lost while what searches is fetched. */
export function PaletteField({ text, onText, onClose, field, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // In time for the browser to give the focus back: later the dialog is out of the page.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    const input = element?.querySelector('input');
    input?.focus();
    input?.setSelectionRange(input.value.length, input.value.length);
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.palette}
      aria-label="Search"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className={styles.field}>
        <Icon name="search" />
        <input
          aria-label="Search experiments, runs, pages and commands"
          placeholder="Experiments, runs by name or id, commands…"
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => onText(event.target.value)}
          {...field}
        />
        <kbd>Esc</kbd>
      </div>
      {children ?? <p className={styles.none}>Searching…</p>}
    </dialog>
  );
}
