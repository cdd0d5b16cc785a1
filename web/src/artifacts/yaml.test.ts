import { expect, test } from 'vitest';
import { parseYaml } from './yaml';

test('a document with aliases is read', () => {
  expect(parseYaml('a: &x [1, 2]\nb: *x')).toEqual({ a: [1, 2], b: [1, 2] });
});

test('aliases of aliases do not grow without end', () => {
  const levels = ['a: &l0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i += 1) levels.push(`b${i}: &l${i} [${`*l${i - 1}, `.repeat(9)}]`);
  expect(() => parseYaml(levels.join('\n'))).toThrow('More than 10000 values');
});
