/** Several lines as one: the mean of a group, the difference to a baseline, one metric over another. */

import { lowerBound } from './data';

/** A line as it is combined: x ascending. */
export interface Curve {
  x: Float64Array;
  y: Float64Array;
  /** Least and greatest values where the line stands for more points. */
  lo?: Float64Array | null;
  hi?: Float64Array | null;
}

/** More places than a chart has pixels help nobody. */
const MOST_PLACES = 2000;

/** The value of a line at x, straight between its points; NaN outside of it, as nothing is made up. */
export function valueAt(x: Float64Array, y: Float64Array, at: number): number {
  const i = lowerBound(x, at);
  if (i >= x.length) return NaN;
  const right = x[i] as number;
  if (right === at) return y[i] as number;
  if (i === 0) return NaN;
  const left = x[i - 1] as number;
  const a = y[i - 1] as number;
  const b = y[i] as number;
  return a + ((b - a) * (at - left)) / (right - left);
}

/** All x of the lines, ascending, each once; evenly spaced ones if there are too many. */
export function commonPlaces(curves: readonly Curve[], most = MOST_PLACES): Float64Array {
  const all = new Set<number>();
  let low = Infinity;
  let high = -Infinity;
  for (const { x } of curves) {
    if (!x.length) continue;
    low = Math.min(low, x[0] as number);
    high = Math.max(high, x[x.length - 1] as number);
    if (all.size <= most) for (const at of x) all.add(at);
  }
  if (low > high) return new Float64Array(0);
  if (all.size <= most) return Float64Array.from(all).sort();
  return Float64Array.from({ length: most }, (_, i) => low + ((high - low) * i) / (most - 1));
}

export type Band = 'std' | 'minmax';

export interface GroupCurve {
  x: Float64Array;
  mean: Float64Array;
  lo: Float64Array;
  hi: Float64Array;
  /** How many members there are at each place. */
  n: Float64Array;
}

/** The mean of the members at each x, with mean ± standard deviation (n − 1) or least and greatest as the band. */
export function groupMean(members: readonly Curve[], band: Band, most = MOST_PLACES): GroupCurve {
  const x = commonPlaces(members, most);
  const size = x.length;
  const mean = new Float64Array(size);
  const lo = new Float64Array(size);
  const hi = new Float64Array(size);
  const n = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const at = x[i] as number;
    let count = 0;
    let average = 0;
    let squares = 0;
    let least = Infinity;
    let greatest = -Infinity;
    for (const member of members) {
      const value = valueAt(member.x, member.y, at);
      if (!Number.isFinite(value)) continue;
      count += 1;
      const delta = value - average;
      average += delta / count;
      squares += delta * (value - average);
      const low = member.lo ? valueAt(member.x, member.lo, at) : value;
      const high = member.hi ? valueAt(member.x, member.hi, at) : value;
      least = Math.min(least, Number.isFinite(low) ? low : value);
      greatest = Math.max(greatest, Number.isFinite(high) ? high : value);
    }
    const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
    n[i] = count;
    mean[i] = count ? average : NaN;
    lo[i] = count ? (band === 'std' ? average - deviation : least) : NaN;
    hi[i] = count ? (band === 'std' ? average + deviation : greatest) : NaN;
  }
  return { x, mean, lo, hi, n };
}

export type BaselineMode = 'difference' | 'ratio';

/** A line measured against another, where both are. */
export function againstBaseline(curve: Curve, baseline: Curve, mode: BaselineMode): Float64Array {
  return curve.y.map((value, i) => {
    const base = valueAt(baseline.x, baseline.y, curve.x[i] as number);
    return mode === 'difference' ? value - base : base === 0 ? NaN : value / base;
  });
}

/**
 * `y` over another metric instead of over the step: each point takes the other's latest value at or before its step.
 * Points before the other's first are left out. Ascending, as a line is read from left to right.
 */
export function overMetric(curve: Curve, other: Curve): Curve {
  const points: [number, number, number][] = [];
  for (let i = 0; i < curve.x.length; i += 1) {
    const step = curve.x[i] as number;
    let j = lowerBound(other.x, step);
    if (j >= other.x.length || (other.x[j] as number) > step) j -= 1;
    const at = j < 0 ? NaN : (other.y[j] as number);
    if (Number.isFinite(at)) points.push([at, curve.y[i] as number, i]);
  }
  points.sort((a, b) => a[0] - b[0] || a[2] - b[2]);
  const pick = (values: Float64Array | null | undefined) =>
    values ? Float64Array.from(points, (point) => values[point[2]] as number) : null;
  return {
    x: Float64Array.from(points, (point) => point[0]),
    y: Float64Array.from(points, (point) => point[1]),
    lo: pick(curve.lo),
    hi: pick(curve.hi),
  };
}
