import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import styles from './Frame.module.css';

/** The navigation of a phone: over the page, until something is chosen. */
export function Drawer({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [path] = useLocation();
  const opened = useRef(path);
  // In time for the browser to give the focus back: later the dialog is out of the page.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    if (opened.current !== path) onClose();
  }, [path, onClose]);
  return (
    <dialog
      ref={dialog}
      className={styles.drawer}
      aria-label="Navigation"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        const isLink = event.target instanceof Element && event.target.closest('a');
        if (event.target === dialog.current || isLink) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
