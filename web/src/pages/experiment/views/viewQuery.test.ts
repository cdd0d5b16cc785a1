import { expect, test } from 'vitest';
import { sameQuery, tabOf, viewQuery } from './viewQuery';

test('a view keeps what table and charts show, and nothing that passes', () => {
  const query = viewQuery('smooth=ema:0.6&q=a&sel=1,2&zoom=0..3&full=loss&added=bar%3Bx%3Dmetric.a');
  expect([...new URLSearchParams(query).keys()]).toEqual(['added', 'q', 'smooth']);
  expect(sameQuery({ query: 'q=a&smooth=ema:0.6&added=bar%3Bx%3Dmetric.a' }, query)).toBe(true);
  expect(sameQuery({ query: 'q=b' }, query)).toBe(false);
});

test('older views and strange ones name no part of the page', () => {
  expect(tabOf({ query: '', tab: 'charts' })).toBe('charts');
  expect(tabOf({ query: '' })).toBeNull();
  expect(tabOf({ tab: 'nothing' })).toBeNull();
});
