/** The theme: the system's unless the reader chose one; `?theme=dark` for embedding. */

import { readText, writeText } from './storage';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'oxflow.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function asTheme(raw: string | null): Theme | null {
  return raw === 'light' || raw === 'dark' || raw === 'system' ? raw : null;
}

/** What was chosen. */
export function chosenTheme(): Theme {
  const embedded = asTheme(new URLSearchParams(location.search).get('theme'));
  return embedded ?? asTheme(readText(KEY)) ?? 'system';
}

/** What is shown. */
export function shownTheme(): 'light' | 'dark' {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light';
}

export function chooseTheme(theme: Theme) {
  writeText(KEY, theme);
  applyTheme();
}

/** Called with each change, as charts draw colours themselves. */
export function subscribeToTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function applyTheme() {
  const theme = chosenTheme();
  document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  for (const listener of listeners) listener();
}

dark.addEventListener('change', applyTheme);
