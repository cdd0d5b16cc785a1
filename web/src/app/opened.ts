/** Which experiments are starred and which were opened lately: the reader's own, in this browser. */

import { useEffect } from 'react';
import { stored, useStored } from './stored';

export interface NamedExperiment {
  id: string;
  name: string;
}

const RECENT = 6;

function parse(raw: unknown): readonly NamedExperiment[] {
  if (!Array.isArray(raw)) return [];
  return raw.filter(
    (one: Partial<NamedExperiment> | null) => typeof one?.id === 'string' && typeof one.name === 'string',
  ) as NamedExperiment[];
}

const starred = stored('starred', parse);
const recent = stored('recent', parse);

export const useStarred = () => useStored(starred);
export const useRecent = () => useStored(recent);

export function toggleStar(experiment: NamedExperiment) {
  const all = starred.get();
  const others = all.filter((one) => one.id !== experiment.id);
  starred.set(
    others.length === all.length
      ? [...all, { id: experiment.id, name: experiment.name }].sort((a, b) => a.name.localeCompare(b.name))
      : others,
  );
}

/** For the page of an experiment: puts it among those opened lately. `null` while its name is not known. */
export function useOpened(experiment: NamedExperiment | null) {
  const id = experiment?.id;
  const name = experiment?.name;
  useEffect(() => {
    if (id === undefined || name === undefined) return;
    recent.set([{ id, name }, ...recent.get().filter((one) => one.id !== id)].slice(0, RECENT));
    renameOpened(id, name);
  }, [id, name]);
}

/** Keeps the names here true. */
export function renameOpened(id: string, name: string) {
  for (const store of [starred, recent]) {
    if (!store.get().some((one) => one.id === id && one.name !== name)) continue;
    store.set(store.get().map((one) => (one.id === id ? { id, name } : one)));
  }
}

/** Forgets experiments that are gone. */
export function forgetOpened(ids: readonly string[]) {
  for (const store of [starred, recent]) {
    if (store.get().some((one) => ids.includes(one.id))) {
      store.set(store.get().filter((one) => !ids.includes(one.id)));
    }
  }
}
