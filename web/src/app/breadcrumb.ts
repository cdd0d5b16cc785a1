/** Where the reader is: pages tell it, the bar at the top and the browser's title show it. */

import { useLayoutEffect, useSyncExternalStore } from 'react';

export interface Crumb {
  label: string;
  /** Where it leads; the last, which is this page, needs none. */
  href?: string;
}

let shown: readonly Crumb[] = [];
const listeners = new Set<() => void>();

function set(crumbs: readonly Crumb[]) {
  shown = crumbs;
  document.title = titleOf(crumbs);
  for (const listener of listeners) listener();
}

/** `brave-fox · vision/resnet · Oxflow`: the nearest first, as tabs of browsers are narrow. */
export function titleOf(crumbs: readonly Crumb[]): string {
  const labels = crumbs.map((crumb) => crumb.label).filter(Boolean);
  return [...labels.reverse(), 'Oxflow'].join(' · ');
}

/** The path to this page, outermost first; its labels are also the page's title. May change as names become known. */
export function useBreadcrumb(crumbs: readonly Crumb[]) {
  const text = JSON.stringify(crumbs);
  useLayoutEffect(() => {
    set(JSON.parse(text) as Crumb[]);
  }, [text]);
  useLayoutEffect(() => () => set([]), []);
}

export function useShownBreadcrumb(): readonly Crumb[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
