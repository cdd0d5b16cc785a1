/** Which part of an axis is shown. */

export interface Range {
  min: number;
  max: number;
}

/** Enough to know the quantiles of a chart to a pixel. */
const MOST_SAMPLES = 20_000;

/** The range of the finite values (above zero on a log axis); `null` without any. */
export function extent(all: Iterable<ArrayLike<number>>, isLog: boolean): Range | null {
  let min = Infinity;
  let max = -Infinity;
  for (const values of all) {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] as number;
      if (!Number.isFinite(value) || (isLog && value <= 0)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? { min, max } : null;
}

/** The range without the lowest and highest 2 %. */
export function outlierRange(
  all: readonly ArrayLike<number>[],
  isLog: boolean,
  low = 0.02,
  high = 0.98,
): Range | null {
  const count = all.reduce((total, values) => total + values.length, 0);
  const stride = Math.max(1, Math.ceil(count / MOST_SAMPLES));
  const found: number[] = [];
  let i = 0;
  for (const values of all) {
    for (; i < values.length; i += stride) {
      const value = values[i] as number;
      if (Number.isFinite(value) && !(isLog && value <= 0)) found.push(value);
    }
    i -= values.length;
  }
  if (!found.length) return null;
  const sorted = Float64Array.from(found).sort();
  return { min: quantile(sorted, low), max: quantile(sorted, high) };
}

/** Between the two nearest of sorted values. */
export function quantile(sorted: Float64Array, at: number): number {
  const place = at * (sorted.length - 1);
  const left = Math.floor(place);
  const a = sorted[left] as number;
  const b = sorted[Math.min(left + 1, sorted.length - 1)] as number;
  return a + (b - a) * (place - left);
}

/** A little air on both sides; a single value gets a range around it. */
export function padded({ min, max }: Range, isLog: boolean, share = 0.05): Range {
  if (isLog) {
    const a = Math.log10(min);
    const b = Math.log10(max);
    const air = b > a ? (b - a) * share : 0.3;
    return { min: 10 ** (a - air), max: 10 ** (b + air) };
  }
  const air = max > min ? (max - min) * share : Math.abs(max) * 0.1 || 1;
  return { min: min - air, max: max + air };
}

/** How many points a log axis cannot show. */
export function countNotPositive(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) if ((values[i] as number) <= 0) count += 1;
  return count;
}

/** Zoomed by a factor around a place, both on the axis as it is drawn. */
export function zoomed(range: Range, at: number, factor: number, isLog: boolean): Range {
  const to = (value: number) => (isLog ? Math.log10(value) : value);
  const back = (value: number) => (isLog ? 10 ** value : value);
  const [min, max, centre] = [to(range.min), to(range.max), to(at)];
  return { min: back(centre - (centre - min) * factor), max: back(centre + (max - centre) * factor) };
}

/** Moved by a share of its width. */
export function shifted(range: Range, share: number, isLog: boolean): Range {
  const to = (value: number) => (isLog ? Math.log10(value) : value);
  const back = (value: number) => (isLog ? 10 ** value : value);
  const by = (to(range.max) - to(range.min)) * share;
  return { min: back(to(range.min) + by), max: back(to(range.max) + by) };
}
