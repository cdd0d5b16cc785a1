import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { IconButton } from './Button';
import styles from './Dialog.module.css';

interface Props {
  title: string;
  onClose: () => void;
  /** The buttons at its end; the last is the one to press. */
  actions?: ReactNode;
  width?: 'narrow' | 'wide' | 'full';
  children: ReactNode;
}

/** A question above everything else: the browser's own modal dialog, which keeps the focus and gives it back. */
export function Dialog({ title, onClose, actions, width = 'narrow', children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // In time for the browser to give the focus back: later the dialog is out of the page.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The first thing to fill in, rather than the button that closes.
    element?.querySelector<HTMLElement>('[data-body] :is(input, textarea, select):enabled')?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      className={styles.dialog}
      data-width={width}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className={styles.header}>
        <h2 id={titleId}>{title}</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <div className={styles.body} data-body>
        {children}
      </div>
      {actions && <footer className={styles.footer}>{actions}</footer>}
    </dialog>
  );
}
