import { expect, it } from 'vitest';
import { sparkPath } from './sparkPath';

const raw = (...values: number[]) => ({ x: values.map((_, i) => i), min: values, max: values });

it('goes from the bottom to the top of its box', () => {
  expect(sparkPath(raw(0, 1), 84, 20)).toEqual({ line: 'M2 18L82 2', band: '', last: { x: 82, y: 2 } });
});

it('shows a spike inside of a bucket', () => {
  const found = sparkPath({ x: [0, 1], min: [0, 0], max: [0, 100] }, 84, 20);
  expect(found?.band).toContain('82 2');
});

it('leaves a gap for NaN, and draws nothing of nothing', () => {
  expect(sparkPath(raw(0, NaN, 1), 84, 20)?.line).toBe('M2 18M82 2');
  expect(sparkPath(raw(NaN), 84, 20)).toBeNull();
  expect(sparkPath(raw(), 84, 20)).toBeNull();
});

it('draws one value, equal values, and the largest ones', () => {
  expect(sparkPath(raw(5), 84, 20)?.last).toEqual({ x: 42, y: 10 });
  expect(sparkPath(raw(5, 5), 84, 20)?.last.y).toBe(10);
  expect(sparkPath(raw(-1.7e308, 1.7e308), 84, 20)?.last.y).toBe(2);
});
