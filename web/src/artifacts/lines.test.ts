import { describe, expect, it } from 'vitest';
import { cleaned, LONGEST, marked, matches, plainLines } from './lines';

it('takes terminal codes and line ends away', () => {
  expect(cleaned('\u001b[0;31mError\u001b[0m: x\r\nnext\r50%')).toBe('Error: x\nnext\n50%');
});

describe('matches', () => {
  it('finds all, in any case', () => {
    expect(matches(plainLines('aA\n\nba'), 'a')).toEqual([
      { line: 0, from: 0, to: 1 },
      { line: 0, from: 1, to: 2 },
      { line: 2, from: 1, to: 2 },
    ]);
    expect(matches(plainLines('aaaa'), 'aa')).toHaveLength(2);
    expect(matches(plainLines('a'), '')).toEqual([]);
  });
});

describe('marked', () => {
  it('cuts pieces at matches, also over two pieces', () => {
    const line = [
      { text: 'abc', scope: 'x' },
      { text: 'def', scope: '' },
    ];
    expect(marked(line, [{ line: 0, from: 2, to: 4, index: 7 }])).toEqual([
      { text: 'ab', scope: 'x', match: null },
      { text: 'c', scope: 'x', match: 7 },
      { text: 'd', scope: '', match: 7 },
      { text: 'ef', scope: '', match: null },
    ]);
  });

  it('draws no more than the longest', () => {
    const all = marked([{ text: 'x'.repeat(LONGEST * 2), scope: '' }], []);
    expect(all.map(({ text }) => text.length)).toEqual([LONGEST]);
  });
});
