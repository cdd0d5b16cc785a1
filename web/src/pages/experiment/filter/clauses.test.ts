import { expect, test } from 'vitest';
import { clausesOf, equals, parseFilter, printFilter, without } from './clauses';
import { tokensOf } from './tokens';

const kinds = (text: string) => tokensOf(text).map(({ kind, text: one }) => `${kind} ${one}`);

test('tokens of the grammar', () => {
  expect(kinds("metrics.`val/loss`<=0.5 and params.a LIKE 'x'")).toEqual([
    'name metrics.`val/loss`',
    'operator <=',
    'value 0.5',
    'and and',
    'name params.a',
    'operator LIKE',
    "value 'x'",
  ]);
  expect(kinds('run_id IN (\'a\',"b")').slice(2)).toEqual([
    'open (',
    "value 'a'",
    'comma ,',
    'value "b"',
    'close )',
  ]);
  expect(kinds('metrics.x > -1e-7')[2]).toBe('value -1e-7');
});

test('anything that can be typed has tokens that cover it', () => {
  for (const text of ["'open", '§$%', 'metrics.', 'a.`b', '1abc', '!', '=', 'tags."x', '-', '😀 = 1']) {
    expect(
      tokensOf(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text.replace(/\s/g, ''));
  }
});

test('words before the first name with an operator search in names', () => {
  expect(parseFilter('brave fox')).toEqual({ q: '', search: 'brave fox', offset: 9 });
  expect(parseFilter('metrics.loss < 1')).toEqual({ q: 'metrics.loss < 1', search: '', offset: 0 });
  expect(parseFilter('brave AND metrics.loss < 1 ')).toEqual({
    q: 'metrics.loss < 1',
    search: 'brave',
    offset: 10,
  });
  expect(parseFilter('brave fox metrics.loss < 1').search).toBe('brave fox');
  expect(parseFilter('< 1')).toEqual({ q: '< 1', search: '', offset: 0 });
  expect(parseFilter('')).toEqual({ q: '', search: '', offset: 0 });
});

test('what is printed is read again', () => {
  for (const state of [
    { q: '', search: 'brave' },
    { q: 'metrics.loss < 1', search: '' },
    { q: "params.a = 'x' AND tags.b IS NULL", search: 'brave fox' },
  ]) {
    expect(parseFilter(printFilter(state))).toMatchObject(state);
  }
});

test('a clause can be taken out', () => {
  const text = "metrics.a > 1 and params.b = 'x and y' AND tags.c IS NOT NULL";
  expect(clausesOf(text).map((clause) => clause.text)).toEqual([
    'metrics.a > 1',
    "params.b = 'x and y'",
    'tags.c IS NOT NULL',
  ]);
  expect(without(text, 1)).toBe('metrics.a > 1 AND tags.c IS NOT NULL');
  expect(without('metrics.a > 1', 0)).toBe('');
});

test('a value as a clause', () => {
  expect(equals('param.a b', "it's")).toBe('params.`a b` = "it\'s"');
  expect(equals('metric.loss', 'NaN')).toBeNull();
  expect(equals('attribute.status', 'FINISHED')).toBe("attributes.status = 'FINISHED'");
  expect(equals('tag.x', '\'"')).toBeNull();
});
