import { expect, test } from 'vitest';
import { build } from './filteredTree';
import { Source } from './rowTree';

const ask = { selection: {}, group: [], path: [] };
const runs = (parents: Record<string, string | null>) =>
  new Map(Object.entries(parents).map(([id, parent]) => [id, { parent }] as const));

/** The rows from top to bottom, as they are indented; those that do not match in brackets. */
function shown(matches: readonly string[], parents: Record<string, string | null>) {
  const root = new Source('', 0, ask);
  const sources = build(root, matches, runs(parents));
  const lines: string[] = [];
  const walk = (source: Source) => {
    for (const row of source.rows.values()) {
      if (row.kind !== 'run') continue;
      lines.push(`${'-'.repeat(row.depth)}${row.isContext ? `(${row.id})` : row.id}`);
      const below = sources.get(row.key);
      if (below) walk(below);
    }
  };
  walk(root);
  return lines;
}

test('a row stands where the first match at or below it stands', () => {
  const parents = { study: null, fold: 'study', best: 'fold', next: null, third: 'fold', last: 'study' };
  expect(shown(['best', 'next', 'third', 'last'], parents)).toEqual([
    '(study)',
    '-(fold)',
    '--best',
    '--third',
    '-last',
    'next',
  ]);
});

test('a parent that matches too is one row', () => {
  expect(shown(['child', 'parent'], { parent: null, child: 'parent' })).toEqual(['parent', '-child']);
});

test('parents that are not there, and circles of parents, end the way up', () => {
  expect(shown(['a'], { a: 'gone' })).toEqual(['a']);
  expect(shown(['a', 'b'], { a: 'b', b: 'a' })).toEqual(['b', '-a']);
  expect(shown(['a'], { a: 'a' })).toEqual(['a']);
});
