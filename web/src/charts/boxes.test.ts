import { expect, test } from 'vitest';
import { boxesOf, groupsOf } from './boxes';
import { axisOf, runDataOf } from './runData';

const data = runDataOf({
  ids: ['a', 'b', 'c', 'd', 'e'],
  columns: {
    'metric.y': [1, 3, 5, null, 7],
    'param.batch': ['128', '32', '32.0', '32', null],
    'param.net': ['b', 'a', 'b', 'a', null],
  },
});
const y = axisOf(data, 'metric.y');

test('numbers in the order of numbers, and those without a value last', () => {
  const { groups, order } = groupsOf(axisOf(data, 'param.batch'));
  const boxes = boxesOf(y, groups, order);
  expect(boxes.map((box) => [box.name, box.runs])).toEqual([
    ['32', [1, 2]],
    ['128', [0]],
    ['(none)', [4]],
  ]);
  expect(boxes[0]?.statistics.median).toBe(4);
});

test('categories, and one box for all', () => {
  const { groups, order } = groupsOf(axisOf(data, 'param.net'));
  expect(boxesOf(y, groups, order).map((box) => box.name)).toEqual(['a', 'b', '(none)']);
  expect(boxesOf(y, null, []).map((box) => [box.name, box.values])).toEqual([['y', [1, 3, 5, 7]]]);
});

test('many numbers are put into ranges of equally many runs', () => {
  const ids = Array.from({ length: 80 }, (_, i) => `run${i}`);
  const many = runDataOf({
    ids,
    columns: { 'param.lr': ids.map((_, i) => String((i * 37) % 80)), 'metric.y': ids.map(() => 1) },
  });
  const { groups, order } = groupsOf(axisOf(many, 'param.lr'));
  expect(order[0]).toBe('0 – 9');
  expect(order.at(-1)).toBe('70 – 79');
  expect(boxesOf(axisOf(many, 'metric.y'), groups, order).map((box) => box.runs.length)).toEqual(
    Array(8).fill(10),
  );
  expect(groups[1]).toBe('30 – 39');
});
