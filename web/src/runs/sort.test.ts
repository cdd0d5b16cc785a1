import { expect, test } from 'vitest';
import { pressed } from './sort';

test('a press sorts, another turns, a third ends it', () => {
  const one = pressed([], 'metric.loss', false);
  expect(one).toEqual([{ column: 'metric.loss', descending: true }]);
  const two = pressed(one, 'metric.loss', false);
  expect(two).toEqual([{ column: 'metric.loss', descending: false }]);
  expect(pressed(two, 'metric.loss', false)).toEqual([]);
  expect(pressed(two, 'param.lr', false)).toEqual([{ column: 'param.lr', descending: false }]);
});

test('with Shift the others stay', () => {
  const one = pressed([], 'param.optimizer', true);
  const two = pressed(one, 'metric.loss', true);
  expect(two.map(({ column }) => column)).toEqual(['param.optimizer', 'metric.loss']);
  expect(pressed(two, 'param.optimizer', true)[0]).toEqual({ column: 'param.optimizer', descending: true });
  expect(pressed(pressed(two, 'param.optimizer', true), 'param.optimizer', true)).toEqual([
    { column: 'metric.loss', descending: true },
  ]);
});
