/** What a running run logged since, added to what is drawn. */

import { lowerBound, type SeriesData } from './data';

/** From which x to ask again, so that nothing between is missed; `null` if there is nothing yet. */
export function tailFrom(series: SeriesData): number | null {
  const { x } = series;
  return x.length ? (x[x.length - 1] as number) : null;
}

/**
 * `tail` is everything from `tailFrom(old)` on. Returns both as one, or `null` when the whole must be read again: points
 * were logged before that x, the axis differs, or there are now more points than `width` buckets may stand for.
 */
export function mergeTail(old: SeriesData, tail: SeriesData, width: number): SeriesData | null {
  const from = tailFrom(old);
  if (from === null) return null;
  const kept = lowerBound(old.x, from);
  const keptPoints = old.n ? sum(old.n, kept) : kept;
  if (keptPoints + tail.inRange !== tail.total) return null;
  if (kept + tail.x.length > (old.isRaw && tail.isRaw ? 2 * width : 3 * width)) return null;
  const isRaw = old.isRaw && tail.isRaw;
  const join = (a: Float64Array, b: Float64Array) => {
    const both = new Float64Array(kept + b.length);
    both.set(a.subarray(0, kept));
    both.set(b, kept);
    return both;
  };
  const head = {
    run: old.run,
    key: old.key,
    total: tail.total,
    inRange: tail.total,
    ...bad(old, kept, tail),
  };
  if (isRaw) {
    const x = join(old.x, tail.x);
    const value = join(old.last, tail.last);
    return {
      ...head,
      isRaw,
      x,
      xLast: x,
      min: value,
      max: value,
      last: value,
      n: null,
      nanN: null,
    };
  }
  const a = asBuckets(old);
  const b = asBuckets(tail);
  return {
    ...head,
    isRaw,
    x: join(a.x, b.x),
    xLast: join(a.xLast, b.xLast),
    min: join(a.min, b.min),
    max: join(a.max, b.max),
    last: join(a.last, b.last),
    n: join(a.n, b.n),
    nanN: join(a.nanN, b.nanN),
  };
}

/** Counts of NaN and ±∞ of both; those of the overlap are only the tail's. */
function bad(old: SeriesData, kept: number, tail: SeriesData) {
  if (old.isRaw) {
    const dropped = countBad(old.last, kept);
    return { nan: old.nan - dropped.nan + tail.nan, inf: old.inf - dropped.inf + tail.inf };
  }
  // A bucket does not say which of the two: near enough for a count that the next reading corrects.
  const dropped = old.nanN ? sum(old.nanN, old.nanN.length) - sum(old.nanN, kept) : 0;
  return { nan: Math.max(0, old.nan - dropped) + tail.nan, inf: old.inf + tail.inf };
}

function countBad(values: Float64Array, from: number) {
  let nan = 0;
  let inf = 0;
  for (let i = from; i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) nan += 1;
    else if (!Number.isFinite(value)) inf += 1;
  }
  return { nan, inf };
}

/** Raw points as buckets of one. */
function asBuckets(series: SeriesData) {
  const { x, xLast, n, nanN } = series;
  if (n && nanN) return { x, xLast, min: series.min, max: series.max, last: series.last, n, nanN };
  const finite = series.last.map((value) => (Number.isFinite(value) ? value : NaN));
  return {
    x,
    xLast,
    min: finite,
    max: finite,
    last: finite,
    n: new Float64Array(x.length).fill(1),
    nanN: series.last.map((value) => (Number.isFinite(value) ? 0 : 1)),
  };
}

function sum(values: Float64Array, to: number): number {
  let total = 0;
  for (let i = 0; i < to; i += 1) total += values[i] as number;
  return total;
}
