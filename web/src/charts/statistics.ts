/** The statistics that charts draw. */

export interface BoxStatistics {
  count: number;
  /** Ends of the whiskers: the outermost values within 1.5 box heights of the box. */
  low: number;
  first: number;
  median: number;
  third: number;
  high: number;
  mean: number;
}

/** Tukey's box; `null` without values. */
export function boxOf(values: readonly number[]): BoxStatistics | null {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const [first, median, third] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share)) as [
    number,
    number,
    number,
  ];
  const reach = 1.5 * (third - first);
  return {
    count: sorted.length,
    low: sorted.find((one) => one >= first - reach) ?? first,
    first,
    median,
    third,
    high: sorted.findLast((one) => one <= third + reach) ?? third,
    mean: sorted.reduce((sum, one) => sum + one, 0) / sorted.length,
  };
}

/** Between the two nearest, as NumPy does by default. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export interface Line {
  slope: number;
  intercept: number;
  /** The share of the variance that the line explains. */
  r2: number;
}

/** The line of least squares; `null` if there is none: fewer than two different x. */
export function regression(points: readonly (readonly [number, number])[]): Line | null {
  const n = points.length;
  const mean = (i: 0 | 1) => points.reduce((sum, point) => sum + point[i], 0) / n;
  const [mx, my] = [mean(0), mean(1)];
  let [sxx, sxy, syy] = [0, 0, 0];
  for (const [x, y] of points) {
    sxx += (x - mx) ** 2;
    sxy += (x - mx) * (y - my);
    syy += (y - my) ** 2;
  }
  if (n < 2 || sxx === 0) return null;
  const slope = sxy / sxx;
  return { slope, intercept: my - slope * mx, r2: syy === 0 ? 1 : sxy ** 2 / (sxx * syy) };
}

/** The best value so far, for points in order. */
export function bestSoFar(values: readonly number[], isHigherBetter: boolean): number[] {
  let best = isHigherBetter ? -Infinity : Infinity;
  return values.map((one) => (best = isHigherBetter ? Math.max(best, one) : Math.min(best, one)));
}
