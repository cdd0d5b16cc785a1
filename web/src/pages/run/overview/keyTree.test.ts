import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nested, treeRows } from './keyTree';

const items = (...keys: string[]) => keys.map((key) => ({ key, value: key }));
const shown = (keys: string[], isOpen: (prefix: string) => boolean = () => true) =>
  treeRows(items(...keys), '.', isOpen).map(
    (row) => ' '.repeat(row.depth) + (row.kind === 'group' ? `${row.label} (${row.count})` : row.label),
  );

describe('treeRows', () => {
  it('groups by prefix, keys before groups, numbers in order', () => {
    expect(shown(['m.layer10', 'm.layer2', 'lr', 'm.a'])).toEqual([
      'lr',
      'm (3)',
      ' a',
      ' layer2',
      ' layer10',
    ]);
  });

  it('makes no group of one, and one of a chain', () => {
    expect(shown(['a.b.c', 'x.y.p', 'x.y.q'])).toEqual(['a.b.c', 'x.y (2)', ' p', ' q']);
  });

  it('leaves out what is in closed groups', () => {
    expect(shown(['x.p', 'x.q'], () => false)).toEqual(['x (2)']);
  });

  it('shows each key once, whatever the keys', () => {
    const key = fc.stringMatching(/^[ab.]{1,6}$/);
    fc.assert(
      fc.property(fc.uniqueArray(key), (keys) => {
        const leaves = treeRows(items(...keys), '.', () => true).filter((row) => row.kind === 'leaf');
        expect(leaves.map((row) => row.key).sort()).toEqual([...keys].sort());
      }),
    );
  });
});

describe('nested', () => {
  it('nests, keeps clashing keys whole, and reads numbers that are exactly so', () => {
    const given = { 'a.b': '1', 'a.c': '0.10', d: 'True', 'd.e': 'x', '__proto__.x': '1' };
    const found = nested(Object.entries(given).map(([key, value]) => ({ key, value })));
    expect(JSON.parse(JSON.stringify(found))).toMatchObject({
      a: { b: 1, c: '0.10' },
      d: true,
      'd.e': 'x',
    });
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
