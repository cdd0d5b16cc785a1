import { expect, test } from 'vitest';
import { isKnown, knowQuery, namesQuery, queryOf, storedQuery, wholeQuery } from './storedQuery';

test('what is stored stands for what is too long, and the address has the last word', () => {
  expect(wholeQuery('v=3f9a&m=loss')).toBe('v=3f9a&m=loss');
  knowQuery('3f9a', 'cols=a,b&m=acc&q=x%25');
  expect(isKnown('3f9a')).toBe(true);
  expect(new URLSearchParams(wholeQuery('v=3f9a&m=loss')).get('m')).toBe('loss');
  expect(new URLSearchParams(wholeQuery('v=3f9a')).get('q')).toBe('x%');
  expect(wholeQuery('v=3f9a')).not.toMatch(/(^|&)v=/);
  expect(wholeQuery('q=1')).toBe('q=1');
});

test('what is stored may be no query: then the name stays for the page', () => {
  expect(storedQuery({ selection: { ids: ['a'] } })).toBeNull();
  knowQuery('5e1e', null);
  expect(isKnown('5e1e')).toBe(true);
  expect(wholeQuery('v=5e1e&tab=notes')).toBe('v=5e1e&tab=notes');
  expect(namesQuery('v=5e1e')).toBe(false);
  // Such an address that is too long is stored with the name in it.
  knowQuery('0a0b', 'v=5e1e&tab=notes');
  expect(wholeQuery('v=0a0b')).toBe('v=5e1e&tab=notes');
});

test('a stored state may be anything', () => {
  expect(queryOf({ query: 'a=1' })).toBe('a=1');
  expect([null, 3, { query: 4 }, 'x'].map(queryOf)).toEqual(['', '', '', '']);
});
