import { beforeEach, expect, test } from 'vitest';
import { GAP, neighboursIn, openedRun, rememberRunList } from './runList';

beforeEach(() => sessionStorage.clear());
const kept = () => JSON.parse(sessionStorage.getItem('oxflow.runList') ?? 'null') as string[] | null;

test('a list is kept for the run that is opened from it', () => {
  rememberRunList(['a', 'b', 'c'], 'b');
  expect(kept()).toEqual(['a', 'b', 'c']);
  // A run that the list does not have was opened in another way.
  rememberRunList(['x', 'y'], 'b');
  expect(kept()).toEqual(['a', 'b', 'c']);
});

test('a long list is cut around the opened run', () => {
  const ids = Array.from({ length: 30_000 }, (_, i) => `r${i}`);
  rememberRunList(ids, 'r20000');
  expect(kept()).toHaveLength(10_000);
  expect(neighboursIn(kept() ?? [], 'r20000')).toEqual({ before: 'r19999', after: 'r20001' });
});

test('nobody steps over runs that are not loaded', () => {
  const ids = ['a', 'b', GAP, 'z'];
  expect(neighboursIn(ids, 'a')).toEqual({ before: null, after: 'b' });
  expect(neighboursIn(ids, 'b')).toEqual({ before: 'a', after: null });
  expect(neighboursIn(ids, 'other')).toEqual({ before: null, after: null });
});

test('the opened run is in the address', () => {
  expect(openedRun('/runs/abc/charts')).toBe('abc');
  expect(openedRun('/runs')).toBeNull();
  expect(openedRun('/experiments/1')).toBeNull();
});
