/** The runs that have a place in a chart of two axes. */

import { hash } from '../runs/colors';
import type { Axis } from './runData';

export interface Placed {
  /** The run, by its place in the data. */
  run: number;
  x: number;
  y: number;
}

/** Runs without a value, or with one that a logarithmic axis cannot hold, have none. */
export function placed(x: Axis, y: Axis, xlog: boolean, ylog: boolean): Placed[] {
  const found: Placed[] = [];
  for (let run = 0; run < x.values.length; run += 1) {
    const [a, b] = [x.values[run] ?? null, y.values[run] ?? null];
    if (a === null || b === null) continue;
    if ((isLog(x, xlog) && a <= 0) || (isLog(y, ylog) && b <= 0)) continue;
    found.push({ run, x: a, y: b });
  }
  return found;
}

/** Only numbers have logarithms. */
export function isLog(axis: Axis, isWanted: boolean): boolean {
  return isWanted && axis.kind === 'number';
}

/** Radii whose areas are in proportion, from 3 to 14. */
export function radii(axis: Axis | null, fallback: number): number[] | null {
  if (!axis || axis.kind === 'category') return null;
  const known = axis.values.filter((one) => one !== null);
  const low = known.reduce((a, b) => Math.min(a, b), Infinity);
  const high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  return axis.values.map((value) => {
    if (value === null || high <= low) return fallback;
    return Math.sqrt(9 + ((value - low) / (high - low)) * (196 - 9));
  });
}

/** A place beside a box's middle (−1 to 1) that is the same each time. */
export function jitter(id: string): number {
  return (hash(id) / 0xffffffff) * 2 - 1;
}
