import { expect, test } from 'vitest';
import type { RunsKeys } from '../../../api/types';
import { accept, columnNamed, expectationAt, operatorsOf, suggestions } from './complete';

/** The caret is where `|` is. */
const at = (marked: string) => {
  const caret = marked.indexOf('|');
  return expectationAt(marked.replace('|', ''), caret);
};

test('what is expected at the caret', () => {
  expect(at('|').expects).toBe('key');
  expect(at('metr|')).toMatchObject({ expects: 'key', typed: 'metr', from: 0, to: 4 });
  expect(at('metrics.loss |')).toMatchObject({ expects: 'operator', name: 'metrics.loss', typed: '' });
  expect(at('metrics.loss <|')).toMatchObject({ expects: 'value', operator: '<' });
  expect(at('metrics.loss < 1 |').expects).toBe('join');
  expect(at("params.a = 'x' AND |").expects).toBe('key');
  expect(at("params.a = 'x' AND tags.|")).toMatchObject({ expects: 'key', typed: 'tags.' });
  expect(at("params.a = 'ad|")).toMatchObject({ expects: 'value', typed: "'ad", from: 11 });
  expect(at('params.a LI|')).toMatchObject({ expects: 'operator', typed: 'LI' });
  expect(at("datasets.name IN ('a', |")).toMatchObject({ expects: 'value', isInList: true });
  expect(at("datasets.name IN ('a' |")).toMatchObject({ expects: 'join', isInList: true });
  expect(at("params.a = 'x' |AND tags.b = 'y'").expects).toBe('join');
  expect(at('metrics.`val/lo|')).toMatchObject({ expects: 'key', typed: 'metrics.`val/lo' });
});

test('names mean columns', () => {
  expect(columnNamed('metrics.`val/loss`')).toBe('metric.val/loss');
  expect(columnNamed('tags."a b')).toBe('tag.a b');
  expect(columnNamed('status')).toBe('attribute.status');
  expect(columnNamed('datasets.name')).toBeNull();
  expect(operatorsOf('metrics.a')).not.toContain('LIKE');
  expect(operatorsOf('params.a')).toContain('IS NULL');
  expect(operatorsOf('datasets.name')).toContain('IN');
});

const keys: RunsKeys = {
  total_runs: 3,
  metrics: [{ key: 'val/loss', runs: 3, differs: true }],
  params: [{ key: 'lr', runs: 3, differs: true }],
  tags: [],
  datasets: [{ name: 'mnist', digest: 'd1', runs: 2 }],
};
const labels = (marked: string, values: { value: string; runs: number }[] = []) =>
  suggestions(at(marked), { keys, values }).map(({ label }) => label);

test('keys, operators and values are offered', () => {
  expect(labels('lo|')).toEqual(['metrics.val/loss']);
  expect(labels('metrics.|')).toEqual(['metrics.val/loss']);
  expect(labels('params.lr I|')).toEqual(['ILIKE', 'IS NULL', 'IS NOT NULL']);
  expect(labels('params.lr = |', [{ value: '0.1', runs: 2 }])).toEqual(['0.1']);
  expect(labels("status = 'f|")).toEqual(['FINISHED', 'FAILED']);
  expect(labels('datasets.name = |')).toEqual(['mnist']);
  expect(labels('metrics.`val/loss` < 1 |')).toEqual(['AND']);
});

test('a choice goes into the text, quoted where needed', () => {
  const [first] = suggestions(at('lo|'), { keys, values: [] });
  expect(first?.insert).toBe('metrics.`val/loss`');
  expect(accept('lo', at('lo|'), 'metrics.`val/loss`')).toEqual({ text: 'metrics.`val/loss` ', caret: 19 });
  expect(accept("params.a = 'ad", at("params.a = 'ad|"), "'adam'").text).toBe("params.a = 'adam' ");
  expect(accept('params.a =', at('params.a =|'), "'x'").text).toBe("params.a = 'x' ");
  expect(accept('datasets.name ', at('datasets.name |'), 'IN (').text).toBe('datasets.name IN (');
});
