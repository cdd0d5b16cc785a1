/** What a running run logged since, added to what is drawn. */

import { lowerBound, type SeriesData } from './data';

/** From which x to ask again, so that nothing between is missed; `null` if there is nothing yet. */
export function tailFrom(series: SeriesData): number | null {
  const { x } = series;
  return x.length ? (x[x.length - 1] as number) : null;
}

/**
 * `tail` is everything from `tailFrom(old)` on. Returns both as one, or `null` when the whole must be read again: points
 * were logged before that x, the axis differs, there are now more points than `width` buckets may stand for, or it cannot
 * be told how many of them are NaN and how many ±∞.
 */
export function mergeTail(old: SeriesData, tail: SeriesData, width: number): SeriesData | null {
  const from = tailFrom(old);
  if (from === null) return null;
  const kept = lowerBound(old.x, from);
  const keptPoints = old.n ? sum(old.n, kept) : kept;
  if (keptPoints + tail.inRange !== tail.total) return null;
  if (kept + tail.x.length > (old.isRaw && tail.isRaw ? 2 * width : 3 * width)) return null;
  const before = badBefore(old, kept, tail);
  if (!before) return null;
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
    nan: before.nan + tail.nan,
    inf: before.inf + tail.inf,
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

interface Bad {
  nan: number;
  inf: number;
}

/** NaN and ±∞ of the part that is kept: all there were, without those of the part that the tail has again. */
function badBefore(old: SeriesData, kept: number, tail: SeriesData): Bad | null {
  const again = badAgain(old, kept, tail);
  return again && { nan: old.nan - again.nan, inf: old.inf - again.inf };
}

/** NaN and ±∞ from `kept` on. */
function badAgain(old: SeriesData, kept: number, tail: SeriesData): Bad | null {
  const { n, nanN } = old;
  if (!n || !nanN) return countBad(old.last, kept);
  const both = sum(nanN, nanN.length) - sum(nanN, kept);
  if (both === 0 || old.inf === 0) return { nan: both, inf: 0 };
  if (old.nan === 0) return { nan: 0, inf: both };
  // A bucket does not say which of the two. Its points are the tail's first, if nothing came between them.
  const end = upperBound(tail.x, old.xLast[old.xLast.length - 1] as number);
  const count = sum(n, n.length) - sum(n, kept);
  return tail.isRaw && end === count ? countBad(tail.last.subarray(0, end), 0) : null;
}

/** The first index whose x is more than `x`. */
function upperBound(xs: Float64Array, x: number): number {
  let at = lowerBound(xs, x);
  while (at < xs.length && xs[at] === x) at += 1;
  return at;
}

function countBad(values: Float64Array, from: number): Bad {
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
