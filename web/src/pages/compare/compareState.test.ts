import { expect, test } from 'vitest';
import { parseState, printState } from '../../url/codec';
import { chartSchema, compareSchema, differencesSchema, metricColumn } from './compareState';

const round = <S>(schema: Parameters<typeof parseState<S>>[0], query: string) =>
  printState(schema, parseState(schema, new URLSearchParams(query)), new URLSearchParams()).toString();

test('a snapshot and a query come back as they were', () => {
  for (const query of ['runs=a%2Cb', 'q=metrics.x+%3E+1&experiments=1%2C2&tab=scatter', 'runs=a&base=a']) {
    expect(round(compareSchema, query)).toBe(query);
  }
});

test('the table of differences: directions of metrics with any key', () => {
  const state = parseState(
    differencesSchema,
    new URLSearchParams('dir=a:b:up,loss:down,lr:none,bad:left,:up'),
  );
  expect([...state.dir]).toEqual([
    ['a:b', 'up'],
    ['loss', 'down'],
    ['lr', null],
  ]);
  expect(
    parseState(differencesSchema, printState(differencesSchema, state, new URLSearchParams())).dir,
  ).toEqual(state.dir);
});

test('each kind of chart has its own parameter', () => {
  expect(round(chartSchema, 'scatter=x%3Dparam.lr%3By%3Dmetric.a&over-runs=y%3Dmetric.b')).toBe(
    'scatter=x%3Dparam.lr%3By%3Dmetric.a&over-runs=y%3Dmetric.b',
  );
});

test('which value of a metric', () => {
  expect(metricColumn('a.b', 'last')).toBe('metric.a.b');
  expect(metricColumn('a', 'min')).toBe('metric_min.a');
});
