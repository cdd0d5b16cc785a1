import { expect, test } from 'vitest';
import { rawSeries, type SeriesData } from './data';
import { mergeTail, tailFrom } from './merge';
import { withTails } from './follow';

const raw = (x: number[], value: number[], total = x.length): SeriesData =>
  rawSeries(
    {
      run: 'a',
      key: 'loss',
      total,
      in_range: x.length,
      raw: true,
      nan: value.filter(Number.isNaN).length,
      inf: 0,
      length: x.length,
    },
    Float64Array.from(x),
    Float64Array.from(value),
  );

test('new points are added; the last x is read again, as more may have been logged there', () => {
  const old = raw([0, 1, 2], [5, NaN, 3]);
  expect(tailFrom(old)).toBe(2);
  const merged = mergeTail(old, raw([2, 2, 3], [3, 4, NaN], 5), 100);
  expect([...(merged?.x ?? [])]).toEqual([0, 1, 2, 2, 3]);
  expect([...(merged?.last ?? [])]).toEqual([5, NaN, 3, 4, NaN]);
  expect(merged).toMatchObject({ total: 5, inRange: 5, nan: 2, isRaw: true });
});

test('a point logged before the end means reading everything again', () => {
  expect(mergeTail(raw([0, 1, 2], [5, 4, 3]), raw([2, 3], [3, 2], 5), 100)).toBeNull();
});

test('more points than the chart can show mean reading everything again', () => {
  const x = Array.from({ length: 32 }, (_, i) => i);
  expect(mergeTail(raw(x, x), raw([31, 32], [1, 2], 33), 16)).toBeNull();
});

test('points after buckets are buckets of one, and spikes stay', () => {
  const old: SeriesData = {
    ...raw([0, 10], [1, 1], 20),
    isRaw: false,
    xLast: Float64Array.of(9, 19),
    min: Float64Array.of(-7, 0),
    max: Float64Array.of(99, 2),
    n: Float64Array.of(10, 10),
    nanN: Float64Array.of(0, 0),
  };
  const x = Array.from({ length: 12 }, (_, i) => 10 + i);
  const merged = mergeTail(old, raw(x, x.fill(1).concat(), 22), 100);
  expect(merged).toMatchObject({ isRaw: false, total: 22 });
  expect(Math.max(...(merged?.max ?? []))).toBe(99);
  expect(merged?.n?.reduce((a, b) => a + b)).toBe(22);
});

test('runs at different steps share one question', () => {
  const a = raw([0, 1, 2], [1, 1, 1]);
  const b = { ...raw([0], [1]), run: 'b' };
  const tails = [raw([0, 1, 2, 3], [1, 1, 1, 8], 4), { ...raw([0, 1], [1, 9], 2), run: 'b' }];
  const merged = withTails([a, b], tails, 100);
  expect(merged?.map((one) => [...one.last])).toEqual([
    [1, 1, 1, 8],
    [1, 9],
  ]);
});

test('NaN and ±∞ are counted exactly, however many tails are added', () => {
  // Both kinds, also within one bucket.
  const values = Array.from({ length: 80 }, (_, i) => (i % 5 === 3 ? NaN : i % 7 === 4 ? Infinity : i));
  const count = (of: readonly number[]) => ({
    nan: of.filter(Number.isNaN).length,
    inf: of.filter((one) => Math.abs(one) === Infinity).length,
  });
  const steps = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const part = (from: number, to: number) => ({
    ...raw(steps(from, to), values.slice(from, to), to),
    ...count(values.slice(from, to)),
  });
  const finite = (from: number, to: number) => values.slice(from, to).filter(Number.isFinite);
  const starts = [0, 10, 20, 30];
  let series: SeriesData = {
    ...part(0, 40),
    isRaw: false,
    x: Float64Array.from(starts),
    xLast: Float64Array.from(starts, (x) => x + 9),
    min: Float64Array.from(starts, (x) => Math.min(...finite(x, x + 10))),
    max: Float64Array.from(starts, (x) => Math.max(...finite(x, x + 10))),
    last: Float64Array.from(starts, (x) => finite(x, x + 10).at(-1) ?? NaN),
    n: Float64Array.from(starts, () => 10),
    nanN: Float64Array.from(starts, (x) => 10 - finite(x, x + 10).length),
  };
  for (let to = 41; to <= 80; to += 1) {
    const merged = mergeTail(series, part(tailFrom(series) ?? 0, to), 1_000);
    if (!merged) throw new Error(`step ${to} was not added`);
    series = merged;
    expect({ nan: series.nan, inf: series.inf }).toEqual(count(values.slice(0, to)));
  }
});

test('where it cannot be told which of both a bucket has, everything is read again', () => {
  const old: SeriesData = {
    ...raw([0, 10], [1, 1], 20),
    nan: 2,
    inf: 2,
    isRaw: false,
    xLast: Float64Array.of(9, 19),
    n: Float64Array.of(10, 10),
    nanN: Float64Array.of(2, 2),
  };
  // One more point within the last bucket.
  const x = [...Array.from({ length: 10 }, (_, i) => 10 + i), 19];
  expect(mergeTail(old, raw(x, x, 21), 100)).toBeNull();
});
