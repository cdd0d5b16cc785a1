import { expect, test } from 'vitest';
import { gridColumns, moved } from './gridColumns';

test('the name comes first, then what stays at the edge', () => {
  const columns = gridColumns(['param.a', 'metric.b', 'metric.c'], ['metric.b'], { 'metric.c': 300 }, false);
  expect(columns.map(({ id, isFixed }) => [id, isFixed])).toEqual([
    ['attribute.run_name', true],
    ['metric.b', true],
    ['param.a', false],
    ['metric.c', false],
  ]);
  expect(columns[3]?.width).toBe(300);
});

test('a column moves before another or to the end', () => {
  expect(moved(['a', 'b', 'c'], 'c', 'a')).toEqual(['c', 'a', 'b']);
  expect(moved(['a', 'b', 'c'], 'a', null)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b'], 'a', 'a')).toEqual(['a', 'b']);
  expect(moved(['a', 'b', 'c'], 'c', 'elsewhere')).toEqual(['c', 'a', 'b']);
});
