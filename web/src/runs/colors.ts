/** The colours of runs: different ones for runs that stand together, as far as there are colours. */

/** How many colours there are: `--series-1` and so on. */
export const SERIES_COLORS = 10;

/** The tag that keeps a colour somebody chose: `3` for `--series-3`, or `#rrggbb`. */
export const COLOR_TAG = 'oxflow.color';

/** The colour of a run alone, as a CSS value. Without a chosen one it follows from the id. */
export function runColor(runId: string, chosen?: string | null): string {
  if (isHex(chosen)) return chosen;
  return `var(--series-${chosenSlot(chosen) ?? ownSlot(runId)})`;
}

export interface ColoredRun {
  id: string;
  /** What the tag says. */
  chosen?: string | null;
}

/**
 * The colours of runs that are shown together. A chosen colour stays; the others have that of their id, or the next one
 * that fewest have. It depends on which runs there are, not on their order, so sorting changes no colour.
 */
export function runColors(runs: readonly ColoredRun[]): ReadonlyMap<string, string> {
  const colors = new Map<string, string>();
  const users = new Array<number>(SERIES_COLORS + 1).fill(0);
  const take = (id: string, slot: number) => {
    users[slot] = (users[slot] ?? 0) + 1;
    colors.set(id, `var(--series-${slot})`);
  };
  const others: string[] = [];
  for (const { id, chosen } of runs) {
    const slot = chosenSlot(chosen);
    if (slot !== null) take(id, slot);
    else if (isHex(chosen)) colors.set(id, chosen);
    else others.push(id);
  }
  for (const id of others.sort()) {
    const own = ownSlot(id);
    let best = own;
    for (let by = 1; by < SERIES_COLORS; by += 1) {
      const slot = ((own - 1 + by) % SERIES_COLORS) + 1;
      if ((users[slot] ?? 0) < (users[best] ?? 0)) best = slot;
    }
    take(id, best);
  }
  return colors;
}

const isHex = (chosen: string | null | undefined): chosen is string => /^#[0-9a-f]{6}$/i.test(chosen ?? '');

const chosenSlot = (chosen: string | null | undefined) =>
  /^([1-9]|10)$/.test(chosen ?? '') ? Number(chosen) : null;

const ownSlot = (runId: string) => (hash(runId) % SERIES_COLORS) + 1;

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
