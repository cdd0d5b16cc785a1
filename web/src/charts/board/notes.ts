/** What a chart says in words. */

import { grouped, shortNumber } from '../../format/number';
import type { DrawnLine } from '../line/line';
import type { Prepared } from '../line/prepare';

/** What is not seen as a line, with counts: nothing is left out silently. */
export function notesOf({ nan, inf, belowX, belowY }: Prepared): string[] {
  const notes: string[] = [];
  if (nan) notes.push(`${grouped(nan)} NaN`);
  if (inf) notes.push(`${grouped(inf)} ±∞`);
  if (belowX) notes.push(`${grouped(belowX)} at x ≤ 0 not on the log axis`);
  if (belowY) notes.push(`${grouped(belowY)} values ≤ 0 not on the log axis`);
  return notes;
}

/** The chart in a sentence, for who does not see it. */
export function summaryOf(keys: readonly string[], prepared: Prepared): string {
  const { lines } = prepared;
  const ends = lines.flatMap((line) => {
    const last = lastFinite(line);
    return last === null ? [] : [{ name: line.name, last }];
  });
  const parts = [`${keys.join(', ')}: ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`];
  const first = ends[0];
  if (first) {
    const low = ends.reduce((a, b) => (b.last < a.last ? b : a), first);
    const high = ends.reduce((a, b) => (b.last > a.last ? b : a), first);
    parts.push(
      ends.length === 1
        ? `last value ${shortNumber(first.last)}`
        : `last values from ${shortNumber(low.last)} (${low.name}) to ${shortNumber(high.last)} (${high.name})`,
    );
  }
  return [...parts, ...notesOf(prepared)].join(', ');
}

function lastFinite({ y }: DrawnLine): number | null {
  for (let i = y.length - 1; i >= 0; i -= 1) if (Number.isFinite(y[i])) return y[i] as number;
  return null;
}
