/** The design tokens as canvas needs them. */

import { useSyncExternalStore } from 'react';
import { shownTheme, subscribeToTheme } from '../../app/theme';
import { resolvedColor, SERIES_COLORS } from '../../runs/colors';
import type { Shade } from '../palette';

export interface ChartTheme {
  shade: Shade;
  bg: string;
  text: string;
  muted: string;
  border: string;
  grid: string;
  accent: string;
  font: string;
  series: readonly string[];
}

let known: ChartTheme | null = null;

function read(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    shade: shownTheme(),
    bg: token('--bg'),
    text: token('--text'),
    muted: token('--text-muted'),
    border: token('--border-strong'),
    grid: token('--grid-line'),
    accent: token('--accent'),
    font: token('--font'),
    series: Array.from({ length: SERIES_COLORS }, (_, i) => token(`--series-${i + 1}`)),
  };
}

/** Anew when the reader changes the theme. */
export function useChartTheme(): ChartTheme {
  return useSyncExternalStore(
    (listener) =>
      subscribeToTheme(() => {
        known = null;
        listener();
      }),
    () => (known ??= read()),
  );
}

/** Colours of runs, each looked up once. */
export function resolvedColors(colors: readonly string[]): string[] {
  const found = new Map<string, string>();
  return colors.map((color) => {
    let resolved = found.get(color);
    if (resolved === undefined) {
      resolved = resolvedColor(color);
      found.set(color, resolved);
    }
    return resolved;
  });
}
