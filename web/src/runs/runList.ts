/** The list that a reader came from: the run's page steps through it with `[` and `]`, also after a reload. */

import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { base } from '../app/base';

const KEY = 'oxflow.runList';
/** 10,000 ids are 350 kB of the 5 MB that browsers give a tab. */
const MOST = 10_000;
/** Stands for runs between two others that the table has not loaded. */
export const GAP = '';

const listeners = new Set<() => void>();

/** Keeps the runs of a list, in its order, for the run that is opened from it. */
export function rememberRunList(ids: readonly string[], opened: string) {
  const at = ids.indexOf(opened);
  if (at < 0) return;
  const from = Math.max(0, Math.min(at - MOST / 2, ids.length - MOST));
  try {
    sessionStorage.setItem(KEY, JSON.stringify(ids.slice(from, from + MOST)));
  } catch {
    // No storage, or it is full: the keys lead nowhere then.
  }
  for (const listener of listeners) listener();
}

/**
 * Keeps this list when the reader goes from it to one of its runs, by whatever link or key. It is read at that moment,
 * so it may be long.
 */
export function useRunList(ids: () => readonly string[]) {
  const latest = useRef(ids);
  latest.current = ids;
  useLayoutEffect(
    () => () => {
      // The address has changed already: its run is the one that was opened.
      const opened = openedRun(location.pathname);
      if (opened !== null) rememberRunList(latest.current(), opened);
    },
    [],
  );
}

/** The runs before and after one in the kept list. */
export function useNeighbours(runId: string): { before: string | null; after: string | null } {
  const text = useSyncExternalStore(subscribe, stored);
  return neighboursIn(parsed(text), runId);
}

export function neighboursIn(ids: readonly string[], runId: string) {
  const at = ids.indexOf(runId);
  const one = (place: number) => (at < 0 ? null : ids[place] || null);
  return { before: one(at - 1), after: one(at + 1) };
}

/** The id in the address of a run's page. */
export function openedRun(path: string): string | null {
  const below = path.startsWith(base) ? path.slice(base.length) : path;
  return /^\/runs\/([^/]+)/.exec(below)?.[1] ?? null;
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stored(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '[]';
  } catch {
    return '[]';
  }
}

function parsed(text: string): string[] {
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
