import { expect, it } from 'vitest';
import { seenRows } from './useSeenRows';

it('finds the rows that are seen at least in part', () => {
  const starts = [0, 40, 300, 560, 600];
  expect(seenRows(starts, -100, 41)).toEqual({ first: 0, last: 2 });
  expect(seenRows(starts, 40, 300)).toEqual({ first: 1, last: 2 });
  expect(seenRows(starts, 310, 900)).toEqual({ first: 2, last: 4 });
  expect(seenRows(starts, 700, 900)).toEqual({ first: 4, last: 4 });
  expect(seenRows([0], 0, 100)).toEqual({ first: 0, last: 0 });
});
