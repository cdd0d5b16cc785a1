import { useSyncExternalStore } from 'react';

/** Which run or group is pointed at: in the list, or in any chart. Told without drawing the page anew. */
export class HighlightStore {
  #subject: string | null = null;
  readonly #listeners = new Set<() => void>();

  readonly get = () => this.#subject;

  readonly set = (subject: string | null) => {
    if (this.#subject === subject) return;
    this.#subject = subject;
    for (const listener of this.#listeners) listener();
  };

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export function useHighlight(store: HighlightStore): string | null {
  return useSyncExternalStore(store.subscribe, store.get);
}
