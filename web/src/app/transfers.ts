/** Long work that goes on while the reader moves between pages: what it is, how far it is, what failed. */

import { useSyncExternalStore } from 'react';

export interface Failure {
  /** What it concerns. */
  id: string;
  /** What that is; a run if nothing is said. */
  kind?: 'run' | 'logged_model' | 'experiment' | 'file';
  code: string;
  message: string;
}

export interface Transfer {
  id: number;
  label: string;
  done: number;
  /** `null`: not known. */
  total: number | null;
  failures: readonly Failure[];
  /** What is listed as a failure only stays as it is. */
  isKeeping?: boolean;
  /** What is counted is bytes. */
  isBytes?: boolean;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  cancel: () => void;
}

/** What is over at once needs no panel. */
const APPEARS_AFTER = 400;

let shown: readonly Transfer[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Transfer[]) {
  shown = next;
  for (const listener of listeners) listener();
}

function onLeave(event: BeforeUnloadEvent) {
  event.preventDefault();
}

/** Starts a transfer. `update` tells how far it is; `end` that it is over. What went well disappears. */
export function startTransfer(
  label: string,
  total: number | null,
  cancel: () => void,
  options: Pick<Transfer, 'isKeeping' | 'isBytes'> = {},
) {
  const id = nextId;
  nextId += 1;
  let now: Transfer = { id, label, done: 0, total, failures: [], state: 'running', cancel, ...options };
  let isShown = false;
  const put = () => {
    if (isShown) set(shown.map((one) => (one.id === id ? now : one)));
  };
  const show = () => {
    isShown = true;
    set([...shown, now]);
  };
  const timer = setTimeout(show, APPEARS_AFTER);
  window.addEventListener('beforeunload', onLeave);
  return {
    update: (change: Partial<Pick<Transfer, 'done' | 'total' | 'failures'>>) => {
      now = { ...now, ...change };
      put();
    },
    end: (state: Exclude<Transfer['state'], 'running'>) => {
      clearTimeout(timer);
      now = { ...now, state };
      if (!shown.some((one) => one.state === 'running' && one.id !== id)) {
        window.removeEventListener('beforeunload', onLeave);
      }
      if (now.failures.length === 0 && state !== 'failed') dismissTransfer(id);
      else if (isShown) put();
      else show();
    },
  };
}

export function dismissTransfer(id: number) {
  set(shown.filter((one) => one.id !== id));
}

export function useTransfers(): readonly Transfer[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
