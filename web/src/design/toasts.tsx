import { useSyncExternalStore } from 'react';
import { IconButton } from './Button';
import styles from './toasts.module.css';

interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'failed';
  action?: { label: string; run: () => void };
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says at the edge of the page what was done, for some seconds; with a way back, if there is one. */
export function toast(
  text: string,
  options: { kind?: Toast['kind']; action?: NonNullable<Toast['action']> } = {},
) {
  const id = nextId;
  nextId += 1;
  const kind = options.kind ?? 'done';
  set([...toasts, { id, text, kind, ...(options.action && { action: options.action }) }].slice(-4));
  setTimeout(() => dismiss(id), kind === 'failed' || options.action ? 12_000 : 6_000);
}

function dismiss(id: number) {
  set(toasts.filter((one) => one.id !== id));
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section aria-label="Notices" aria-live="polite" className={styles.toasts}>
      {shown.map((one) => (
        <div key={one.id} className={styles.toast} data-kind={one.kind}>
          <p>{one.text}</p>
          {one.action && (
            <button
              type="button"
              onClick={() => {
                dismiss(one.id);
                one.action?.run();
              }}
            >
              {one.action.label}
            </button>
          )}
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(one.id)} />
        </div>
      ))}
    </section>
  );
}
