import { expect, test } from 'vitest';
import { parseState } from '../../url/codec';
import { changed, experimentsSchema, isFolderOpen, toggledFolder } from './experimentsState';

const plain = parseState(experimentsSchema, new URLSearchParams());

test('a folder can be closed under a filter, and is as it was without one', () => {
  const filtered = { ...plain, q: 'adam' };
  expect(isFolderOpen({ ...filtered, fold: true }, true)('nlp')).toBe(true);
  const closed: typeof plain = { ...filtered, ...toggledFolder(filtered, 'nlp', true) };
  expect(isFolderOpen(closed, true)('nlp')).toBe(false);
  expect(isFolderOpen(closed, true)('nlp/t5')).toBe(true);
  expect(isFolderOpen(closed, false)('nlp')).toBe(true);
  expect({ ...closed, ...toggledFolder(closed, 'nlp', true) }).toEqual(filtered);
});

test('another filter shows what it finds', () => {
  const closed = { ...plain, q: 'adam', shut: ['nlp'] };
  expect(changed(closed, { q: 'adamw' })).toEqual({ q: 'adamw', shut: [] });
  expect(changed(closed, { tag: ['team=nlp'] })).toEqual({ tag: ['team=nlp'], shut: [] });
  expect(changed(closed, { flat: true })).toEqual({ flat: true });
});
