import { expect, test } from 'vitest';
import { againstBaseline, groupMean, overMetric, valueAt } from './combine';
import { countNotPositive, extent, outlierRange, padded, zoomed } from './range';
import { centredMean, ema, gauss } from './smooth';

const f = (...values: number[]) => Float64Array.from(values);
const count = (n: number) => Float64Array.from({ length: n }, (_, i) => i);

test('the exponential mean is corrected: a constant stays one, and the first point is itself', () => {
  expect([...ema(count(4), f(3, 3, 3, 3), 0.9)].map((y) => y.toFixed(12))).toEqual(
    Array(4).fill('3.000000000000'),
  );
  const smoothed = ema(count(3), f(1, 2, 3), 0.5);
  // (0.5·1)/0.5; (0.25·1 + 0.5·2)/0.75; (0.125·1 + 0.25·2 + 0.5·3)/0.875
  [1, 1.25 / 0.75, 2.125 / 0.875].forEach((y, i) => expect(smoothed[i]).toBeCloseTo(y, 12));
});

test('over a gap the exponential mean forgets', () => {
  const x = f(0, 1, 2, 3, 4, 1000);
  expect(ema(x, f(0, 0, 0, 0, 0, 10), 0.9)[5]).toBeCloseTo(10, 6);
});

test('NaN stays NaN and does not spread', () => {
  for (const smoothed of [
    ema(count(3), f(1, NaN, 1), 0.5),
    centredMean(f(1, NaN, 1), 3),
    gauss(f(1, NaN, 1), 1),
  ]) {
    expect([...smoothed].map((y) => Math.round(y))).toEqual([1, NaN, 1]);
  }
});

test('a straight line stays straight under the centred means, also at its ends', () => {
  const line = count(50);
  centredMean(line, 11).forEach((y, i) => expect(y).toBeCloseTo(i, 10));
  gauss(line, 3).forEach((y, i) => expect(y).toBeCloseTo(i, 10));
});

test('a value between two points, none outside', () => {
  expect(valueAt(f(0, 10), f(0, 100), 2.5)).toBe(25);
  expect(valueAt(f(0, 10), f(0, 100), 11)).toBeNaN();
  expect(valueAt(f(0, 10), f(0, 100), -1)).toBeNaN();
  expect(valueAt(f(), f(), 0)).toBeNaN();
});

test('a group is aligned on x, though its members log at different steps', () => {
  const group = groupMean(
    [
      { x: f(0, 1, 2, 3), y: f(0, 1, 2, 3) },
      { x: f(0, 2), y: f(2, 4) },
    ],
    'std',
  );
  expect([...group.x]).toEqual([0, 1, 2, 3]);
  expect([...group.mean]).toEqual([1, 2, 3, 3]);
  expect([...group.n]).toEqual([2, 2, 2, 1]);
  expect(group.hi[0]).toBeCloseTo(1 + Math.SQRT2, 12);
  const band = groupMean([{ x: f(0), y: f(1), lo: f(-5), hi: f(9) }], 'minmax');
  expect([band.lo[0], band.hi[0]]).toEqual([-5, 9]);
});

test('too many places become evenly spaced ones', () => {
  const group = groupMean([{ x: count(5000), y: count(5000) }], 'std', 101);
  expect(group.x).toHaveLength(101);
  expect(group.mean[50]).toBeCloseTo(2499.5, 9);
});

test('against a baseline: difference and ratio', () => {
  const curve = { x: f(0, 1, 2), y: f(2, 4, 6) };
  const baseline = { x: f(0, 2), y: f(0, 2) };
  expect([...againstBaseline(curve, baseline, 'difference')]).toEqual([2, 3, 4]);
  expect([...againstBaseline(curve, baseline, 'ratio')]).toEqual([NaN, 4, 3]);
});

test('over another metric each point takes the latest value before it', () => {
  const curve = { x: f(0, 1, 5, 6), y: f(9, 8, 7, 6) };
  const epochs = { x: f(1, 5), y: f(0, 1) };
  const over = overMetric(curve, epochs);
  expect([...over.x]).toEqual([0, 1, 1]);
  expect([...over.y]).toEqual([8, 7, 6]);
});

test('outliers are left out of the range, on both sides', () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => i / 1000);
  values[0] = -1e9;
  values[999] = 1e9;
  values[500] = NaN;
  const range = outlierRange([values.subarray(0, 400), values.subarray(400)], false);
  expect(range?.min).toBeCloseTo(0.02, 2);
  expect(range?.max).toBeCloseTo(0.98, 2);
  expect(extent([values], true)).toEqual({ min: 0.001, max: 1e9 });
  expect(extent([f(NaN, Infinity)], false)).toBeNull();
});

test('a log axis says what it cannot show', () => {
  expect(countNotPositive(f(0, -1, NaN, 2))).toBe(2);
});

test('a single value gets a range around it', () => {
  expect(padded({ min: 0, max: 0 }, false)).toEqual({ min: -1, max: 1 });
  expect(padded({ min: 10, max: 10 }, false)).toEqual({ min: 9, max: 11 });
  const log = padded({ min: 10, max: 10 }, true);
  expect(log.min).toBeLessThan(10);
  expect(log.max).toBeGreaterThan(10);
});

test('zooming keeps the place under the pointer', () => {
  expect(zoomed({ min: 0, max: 100 }, 25, 0.5, false)).toEqual({ min: 12.5, max: 62.5 });
});
