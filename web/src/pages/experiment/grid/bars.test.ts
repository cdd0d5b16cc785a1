import { expect, test } from 'vitest';
import type { MetricSummary, RunGroup } from '../../../api/types';
import { barOf, boundsOf } from './bars';

const summary = (min: number | null, max: number | null): MetricSummary => ({
  count: 2,
  mean: 0,
  std: 0,
  stderr: 0,
  median: 0,
  min,
  max,
  nan: 0,
});
const group = (metrics: RunGroup['metrics']): RunGroup => ({
  values: ['active'],
  count: 2,
  running: 0,
  metrics,
});

test('bounds are those of all groups, and only of metrics with finite values', () => {
  const bounds = boundsOf([
    group({ 'metric.loss': summary(0.2, 0.8), 'metric.nan': summary(null, null) }),
    group({ 'metric.loss': summary(0.1, 0.3) }),
  ]);
  expect([...bounds]).toEqual([['metric.loss', [0.1, 0.8]]]);
});

test('a bar is as long as the value is far from the least', () => {
  expect(barOf([0, 4], 1)).toBe(0.25);
  expect(barOf([0, 4], 4)).toBe(1);
  // A value that came after the bounds were read.
  expect(barOf([0, 4], 5)).toBe(1);
  expect(barOf([2, 2], 2)).toBeNull();
  expect(barOf([0, 4], 'NaN')).toBeNull();
  expect(barOf(undefined, 1)).toBeNull();
});
