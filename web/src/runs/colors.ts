/** The colour of a run: the same in the table and in every chart. */

/** How many colours there are: `--series-1` and so on. */
export const SERIES_COLORS = 10;

/** The tag that keeps a colour somebody chose: `3` for `--series-3`, or `#rrggbb`. */
export const COLOR_TAG = 'oxflow.color';

/** The colour as a CSS value. Without a chosen one it follows from the id, so it is everywhere and always the same. */
export function runColor(runId: string, chosen?: string | null): string {
  if (chosen && /^#[0-9a-f]{6}$/i.test(chosen)) return chosen;
  const slot = chosen && /^([1-9]|10)$/.test(chosen) ? Number(chosen) : (hash(runId) % SERIES_COLORS) + 1;
  return `var(--series-${slot})`;
}

/** The colour as canvas needs it. */
export function resolvedColor(color: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
  return name ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : color;
}

/** A number from a text, the same each time (FNV-1a). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
