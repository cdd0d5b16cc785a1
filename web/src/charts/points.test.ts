import { expect, test } from 'vitest';
import { jitter, placed, radii } from './points';
import { axisOf, runDataOf } from './runData';

const data = runDataOf({
  ids: ['a', 'b', 'c', 'd'],
  columns: { 'metric.x': [1, 0, null, 4], 'metric.y': [1, 2, 3, 'NaN'], 'param.k': ['a', 'b', 'a', 'b'] },
});
const [x, y, k] = ['metric.x', 'metric.y', 'param.k'].map((one) => axisOf(data, one)) as [
  never,
  never,
  never,
];

test('runs without a value have no place', () => {
  expect(placed(x, y, false, false)).toEqual([
    { run: 0, x: 1, y: 1 },
    { run: 1, x: 0, y: 2 },
  ]);
});

test('zero has no place on a logarithmic axis, but categories have no logarithm', () => {
  expect(placed(x, y, true, false).map((one) => one.run)).toEqual([0]);
  expect(placed(k, y, true, false).map((one) => one.run)).toEqual([0, 1, 2]);
});

test('areas are in proportion', () => {
  expect(radii(x, 5)).toEqual([Math.sqrt(9 + 187 / 4), 3, 5, 14]);
  expect(radii(k, 5)).toBeNull();
  expect(radii(null, 5)).toBeNull();
});

test('a jitter is stable and within bounds', () => {
  const found = Array.from({ length: 100 }, (_, i) => jitter(`run${i}`));
  expect(Math.max(...found)).toBeLessThanOrEqual(1);
  expect(Math.min(...found)).toBeGreaterThanOrEqual(-1);
  expect(jitter('run1')).toBe(found[1]);
});
