import { expect, test } from 'vitest';
import type { Cell } from '../api/types';
import {
  asCategories,
  axisOf,
  cellText,
  extent,
  labelOf,
  leftOut,
  numberOf,
  type RunData,
  runDataOf,
} from './runData';

const data = (cells: Record<string, Cell[]>): RunData =>
  runDataOf({ ids: Object.values(cells)[0]?.map((_, i) => `run${i}`) ?? [], columns: cells });

test('a param of numbers is an axis of numbers, whatever their notation', () => {
  const axis = axisOf(data({ 'param.lr': ['0.1', '1e-3', null, '.5', 'nan'] }), 'param.lr');
  expect(axis).toMatchObject({ kind: 'number', missing: 1, notFinite: 1 });
  expect(axis.values).toEqual([0.1, 0.001, null, 0.5, null]);
});

test('one text makes categories, in natural order', () => {
  const axis = axisOf(data({ 'param.net': ['b10', 'b2', null, '7', 'b2'] }), 'param.net');
  expect(axis.categories).toEqual(['7', 'b2', 'b10']);
  expect(axis.values).toEqual([2, 1, null, 0, 1]);
  expect(axis.missing).toBe(1);
});

test('a metric is numbers; what is infinite is said, not drawn', () => {
  const runs = data({ 'metric.loss': [1, 'NaN', 'Infinity', Number.MAX_VALUE, null] });
  const axis = axisOf(runs, 'metric.loss');
  expect(axis.values).toEqual([1, null, null, null, null]);
  expect(leftOut([axis, axis])).toBe('Not drawn: 1 run without loss; 3 runs with loss NaN or infinite.');
  expect(cellText(runs, axis, 1)).toBe('NaN');
  expect(cellText(runs, axis, 4)).toBe('–');
});

test('a logarithmic axis has no zero', () => {
  const axis = axisOf(data({ 'metric.loss': [1, 0, -1] }), 'metric.loss');
  expect(leftOut([axis], ['metric.loss'])).toContain('2 runs with loss ≤ 0');
  expect(leftOut([axis])).toBe('');
});

test('times are times, and a column nobody has is no axis of numbers', () => {
  expect(axisOf(data({ 'attribute.start_time': [5, 6] }), 'attribute.start_time').kind).toBe('time');
  expect(axisOf(data({ 'param.x': [null, null] }), 'param.x').kind).toBe('category');
});

test('hexadecimal, empty and dates are texts', () => {
  for (const text of ['0x10', '', ' ', '2024-01-01', '1_000', '--1']) expect(numberOf(text)).toBeUndefined();
  expect(numberOf(' -2.5E+3 ')).toBe(-2500);
});

test('labels', () => {
  expect(labelOf('param.model.depth')).toBe('model.depth');
  expect(labelOf('metric_min.val/loss')).toBe('val/loss (min)');
  expect(labelOf('attribute.start_time')).toBe('start time');
});

test('an extent of many values', () => {
  expect(extent(Array.from({ length: 300_000 }, (_, i) => (i % 2 ? i : null)))).toEqual([1, 299_999]);
  expect(extent([null])).toBeNull();
});

test('hidden runs are not drawn, nor counted as missing', () => {
  const table = { ids: ['a', 'b', 'c'], columns: { 'metric.x': [1, null, 3] } };
  const shown = runDataOf(table, { hidden: ['b', 'gone'] });
  expect(shown.ids).toEqual(['a', 'c']);
  expect(axisOf(shown, 'metric.x')).toMatchObject({ values: [1, 3], missing: 0 });
});

test('few numbers may be categories', () => {
  const axis = axisOf(data({ 'param.b': ['64', '8', null, '8.0'] }), 'param.b');
  expect(asCategories(axis, 2)).toMatchObject({
    kind: 'category',
    categories: ['8', '64'],
    values: [1, 0, null, 0],
  });
  expect(asCategories(axis, 1)).toBe(axis);
});
