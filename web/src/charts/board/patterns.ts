import { useSyncExternalStore } from 'react';

/** A preference of the reader, not of the page: lines differ by dashes, too. */
const KEY = 'oxflow.patterns';
const listeners = new Set<() => void>();
let isOn = read();

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === '1';
  } catch {
    return false;
  }
}

function set(next: boolean) {
  isOn = next;
  try {
    localStorage.setItem(KEY, next ? '1' : '0');
  } catch {
    // No storage: as long as the page.
  }
  for (const listener of listeners) listener();
}

export function usePatterns(): [boolean, (isOn: boolean) => void] {
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isOn,
  );
  return [value, set];
}
