import { expect, test } from 'vitest';
import { datasetsIn, withDataset } from './datasets';

test('datasets come and go in the filter', () => {
  const one = withDataset('metrics.a > 1', 'd1');
  expect(one).toBe("metrics.a > 1 AND datasets.digest IN ('d1')");
  const two = withDataset(one, 'd2');
  expect(datasetsIn(two)).toEqual(['d1', 'd2']);
  expect(withDataset(withDataset(two, 'd1'), 'd2')).toBe('metrics.a > 1');
  expect(datasetsIn("dataset.digest = 'x'")).toEqual(['x']);
  expect(datasetsIn('metrics.a > 1')).toEqual([]);
});
