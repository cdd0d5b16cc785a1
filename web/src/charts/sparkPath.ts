/** The outline of a small chart: a band from the least to the greatest value of each step, in a box. */

export interface SparkData {
  x: readonly number[];
  min: readonly number[];
  max: readonly number[];
}

/** SVG path data: a line through the middles, and a band where min and max differ. `null` without a finite value. */
export function sparkPath(
  { x, min, max }: SparkData,
  width: number,
  height: number,
): { line: string; band: string; last: { x: number; y: number } } | null {
  let low = Infinity;
  let high = -Infinity;
  let firstX = Infinity;
  let lastX = -Infinity;
  const good = (i: number) => Number.isFinite(min[i]) && Number.isFinite(max[i]) && Number.isFinite(x[i]);
  for (let i = 0; i < x.length; i += 1) {
    if (!good(i)) continue;
    low = Math.min(low, min[i] ?? 0);
    high = Math.max(high, max[i] ?? 0);
    firstX = Math.min(firstX, x[i] ?? 0);
    lastX = Math.max(lastX, x[i] ?? 0);
  }
  if (low > high) return null;
  const pad = 2;
  const across = (value: number) =>
    lastX === firstX ? width / 2 : pad + ((value - firstX) / (lastX - firstX)) * (width - 2 * pad);
  // Halves, as the difference of two large numbers may be more than a number can hold.
  const up = (value: number) =>
    high === low
      ? height / 2
      : height - pad - ((value / 2 - low / 2) / (high / 2 - low / 2)) * (height - 2 * pad);
  let line = '';
  let band = '';
  let upper: string[] = [];
  let lower: string[] = [];
  let last = { x: 0, y: 0 };
  const close = () => {
    if (upper.length > 1) band += `M${upper.join('L')}L${lower.reverse().join('L')}Z`;
    upper = [];
    lower = [];
  };
  for (let i = 0; i < x.length; i += 1) {
    if (!good(i)) {
      close();
      continue;
    }
    const px = round(across(x[i] ?? 0));
    const top = round(up(max[i] ?? 0));
    const bottom = round(up(min[i] ?? 0));
    const y = round((top + bottom) / 2);
    line += `${upper.length ? 'L' : 'M'}${px} ${y}`;
    upper.push(`${px} ${top}`);
    lower.push(`${px} ${bottom}`);
    last = { x: px, y };
  }
  close();
  return { line, band: min.some((value, i) => value !== max[i]) ? band : '', last };
}

const round = (value: number) => Math.round(value * 10) / 10;
