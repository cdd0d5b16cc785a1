import { expect, test } from 'vitest';
import { cellText, groupText } from './cellText';

test('numbers are short and copied whole', () => {
  expect(cellText('metric.loss', 0.123456789)).toEqual({ text: '0.1235', whole: '0.123456789' });
  expect(cellText('metric.loss', 'NaN').text).toBe('NaN');
  expect(cellText('metric_max.loss', '-Infinity').text).toBe('−∞');
  expect(cellText('metric.loss', null).text).toBe('');
  expect(cellText('attribute.duration', 61_000).text).toBe('1 min 1 s');
});

test('params are texts, unless they are long fractions', () => {
  expect(cellText('param.lr', '0.00273951234')).toEqual({ text: '0.00274', whole: '0.00273951234' });
  expect(cellText('param.seed', '123456789012').text).toBe('123456789012');
  expect(cellText('param.lr', '1e-7').text).toBe('1e-7');
  expect(cellText('param.p', 'a\n b').text).toBe('a b');
  expect(cellText('param.p', 'x'.repeat(6000)).text).toHaveLength(301);
});

test('lists name their parts', () => {
  expect(cellText('datasets', [{ name: 'train', digest: 'a', context: null }]).text).toBe('train');
  expect(
    cellText('models', [
      { name: 'm', version: '3' },
      { model_id: 'm-1', name: 'x' },
    ]).text,
  ).toBe('m v3, x');
});

const summary = { count: 3, mean: 0.5, std: 0.1234, stderr: 0.07, median: 0.4, min: 0.1, max: 0.9, nan: 1 };

test('a group shows a number and its spread', () => {
  expect(groupText(summary, 'mean').text).toBe('0.5 ± 0.12');
  expect(groupText(summary, 'stderr').text).toBe('0.5 ± 0.07');
  expect(groupText(summary, 'max').text).toBe('0.9');
  expect(groupText({ ...summary, std: null }, 'mean').text).toBe('0.5');
  expect(groupText(summary, 'min').whole).toContain('1 NaN');
  expect(groupText(undefined, 'mean').text).toBe('');
});
