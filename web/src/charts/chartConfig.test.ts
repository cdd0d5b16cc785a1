import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chartList, chartOfKind, columnsOf, EMPTY_CONFIGS, parseChart, printChart } from './chartConfig';

const scatter = { ...EMPTY_CONFIGS.scatter, x: 'param.lr', y: 'metric.loss', xlog: true };

test('a chart is a short text', () => {
  expect(printChart(scatter)).toBe('scatter;x=param.lr;y=metric.loss;xlog');
  expect(parseChart('scatter;x=param.lr;y=metric.loss;xlog')).toEqual(scatter);
});

test('what cannot be read is left out', () => {
  expect(parseChart('pie;x=1')).toBeNull();
  expect(parseChart('toString')).toBeNull();
  expect(parseChart('scatter;x=param.lr;y=metric.loss;xlog;later=1;kind=bar')).toEqual(scatter);
  expect(chartList.parse('nothing|bar;x=metric.a')).toEqual([{ kind: 'bar', x: 'metric.a' }]);
});

test('keys survive whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 })), fc.string(), (axes, y) => {
      const charts = [
        { kind: 'parallel' as const, axes, log: axes.slice(1), color: y || null },
        { ...EMPTY_CONFIGS.box, y },
      ];
      expect(chartList.parse(chartList.print(charts))).toEqual(charts);
    }),
  );
});

test('one chart of a kind needs no kind', () => {
  const codec = chartOfKind('scatter');
  expect(codec.print(scatter)).toBe('x=param.lr;y=metric.loss;xlog');
  expect(codec.parse('x=param.lr;y=metric.loss;xlog')).toEqual(scatter);
  expect(codec.parse(codec.print(EMPTY_CONFIGS.scatter))).toEqual(EMPTY_CONFIGS.scatter);
  expect(codec.parse(null)).toBeNull();
});

test('the columns of a chart', () => {
  expect(columnsOf({ ...scatter, color: 'param.lr' })).toEqual(['param.lr', 'metric.loss']);
  expect(
    columnsOf({ kind: 'parallel', axes: ['param.a', 'metric.b'], log: ['param.a'], color: null }),
  ).toEqual(['param.a', 'metric.b']);
  expect(columnsOf({ kind: 'over-runs', y: 'metric.a', color: null, ylog: false })).toContain(
    'attribute.start_time',
  );
});
