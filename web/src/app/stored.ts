/** Preferences in the browser's storage: read at once, told to all who use them, also in other tabs. */

import { useSyncExternalStore } from 'react';

export interface Stored<Value> {
  get: () => Value;
  set: (value: Value) => void;
  subscribe: (listener: () => void) => () => void;
}

/** A value under `oxflow.NAME`. `parse` gets what is stored, whatever that is, or `null`. */
export function stored<Value>(name: string, parse: (raw: unknown) => Value): Stored<Value> {
  const key = `oxflow.${name}`;
  const listeners = new Set<() => void>();
  let value = parse(read(key));
  const tell = () => {
    for (const listener of listeners) listener();
  };
  window.addEventListener('storage', (event) => {
    if (event.key !== key) return;
    value = parse(read(key));
    tell();
  });
  return {
    get: () => value,
    set: (next) => {
      value = next;
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // No storage, or it is full: the preference lasts as long as the page.
      }
      tell();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStored<Value>(store: Stored<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as unknown;
  } catch {
    return null;
  }
}
