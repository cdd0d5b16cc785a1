import { expect, test } from 'vitest';
import {
  cellWords,
  deltaOf,
  differenceRows,
  differs,
  heatOf,
  nextDirection,
  shownRows,
  tableOf,
} from './differences';

const key = (name: string, isDifferent = true) => ({ key: name, runs: 2, differs: isDifferent });
const rows = differenceRows({
  keys: {
    metrics: [key('val/loss'), key('epoch', false)],
    params: [key('b10'), key('b2'), key('same', false)],
    tags: [key('mlflow.user'), key('mlflow.note.content'), key('team')],
  },
  attributes: { 'attribute.status': ['FINISHED', 'FAILED'], 'attribute.user_id': ['ada', 'ada'] },
  directions: new Map([['epoch', 'up' as const]]),
  values: 'last',
});

test('rows in sections and natural order, those of MLflow last', () => {
  expect(rows.filter((row) => row.section !== 'Attributes').map((row) => row.column)).toEqual([
    'metric.epoch',
    'metric.val/loss',
    'param.b2',
    'param.b10',
    'param.same',
    'tag.team',
    'tag.mlflow.user',
  ]);
  expect(rows.find((row) => row.label === 'val/loss')?.direction).toBe('down');
  expect(rows.find((row) => row.label === 'epoch')?.direction).toBe('up');
});

test('only what differs, and words of the key or the section', () => {
  expect(shownRows(rows, false, '').map((row) => row.label)).toEqual([
    'val/loss',
    'b2',
    'b10',
    'status',
    'team',
    'mlflow.user',
  ]);
  expect(shownRows(rows, true, 'param B').map((row) => row.label)).toEqual(['b2', 'b10']);
});

test('a missing value is a difference', () => {
  expect(differs(['1', null])).toBe(true);
  expect(differs(['', null])).toBe(true);
  expect(differs(['1', '1'])).toBe(false);
  expect(differs([])).toBe(false);
});

test('a difference to the baseline, in numbers and per cent', () => {
  expect(deltaOf(0.5, 0.4, 'up')).toEqual({ text: '+0.1 (+25.0 %)', isBetter: true });
  expect(deltaOf(0.3, 0.4, 'down')).toEqual({ text: '−0.1 (−25.0 %)', isBetter: true });
  expect(deltaOf(-1, -2, null)).toEqual({ text: '+1 (+50.0 %)', isBetter: null });
  expect(deltaOf(1, 0, 'up')).toEqual({ text: '+1', isBetter: true });
  expect(deltaOf(1, 1, 'up')).toEqual({ text: '±0', isBetter: null });
  for (const none of [null, 'NaN', 'Infinity'] as const) expect(deltaOf(none, 1, 'up')).toBeNull();
});

test('the best is 1, whichever way', () => {
  expect(heatOf([1, 2, 3, null, 'NaN'], 'up')).toEqual([0, 0.5, 1, null, null]);
  expect(heatOf([1, 2, 3], 'down')).toEqual([1, 0.5, 0]);
  expect(heatOf([2, 2], 'up')).toEqual([null, null]);
});

test('cells in words', () => {
  expect(cellWords('attribute.duration', 200_000)).toBe('3 min 20 s');
  expect(cellWords('metric.a', 0.123456)).toBe('0.1235');
  expect(cellWords('metric.a', 'NaN')).toBe('NaN');
  expect(cellWords('param.a', '0.123456')).toBe('0.123456');
  expect(cellWords('tag.a', null)).toBe('–');
});

test('directions go round', () => {
  expect([null, 'up', 'down'].map((one) => nextDirection(one as never))).toEqual(['up', 'down', null]);
});

test('the table for another program, also with runs as rows', () => {
  const two = rows.filter((row) => ['b2', 'val/loss', 'experiment'].includes(row.label));
  const runs = [
    { id: 'y', name: 'second', experiment: 'e' },
    { id: 'x', name: 'first', experiment: 'f' },
  ];
  const cells = { ids: ['x', 'y'], columns: { 'param.b2': ['1', '2'], 'metric.val/loss': [0.123456, null] } };
  expect(tableOf(two, runs, cells, false)).toEqual([
    ['kind', 'key', 'second', 'first'],
    ['metric', 'val/loss', null, 0.123456],
    ['param', 'b2', '2', '1'],
    ['attribute', 'experiment', 'e', 'f'],
  ]);
  expect(tableOf(two, runs, cells, true)).toEqual([
    ['key', 'val/loss', 'b2', 'experiment'],
    ['second', null, '2', 'e'],
    ['first', 0.123456, '1', 'f'],
  ]);
});
