import { expect, test } from 'vitest';
import { keyCaps, keyName, matchKeys } from './keys';

const press = (key: string, ...held: string[]) => ({
  key,
  ctrlKey: held.includes('Ctrl'),
  metaKey: held.includes('Meta'),
  altKey: held.includes('Alt'),
  shiftKey: held.includes('Shift'),
});

test.each([
  [press('x'), 'x'],
  [press('X', 'Shift'), 'Shift+x'],
  // Caps Lock alone is no Shift.
  [press('X'), 'x'],
  [press('?', 'Shift'), '?'],
  [press('k', 'Ctrl'), 'Mod+k'],
  [press('k', 'Meta'), 'Mod+k'],
  [press('ArrowDown', 'Shift'), 'Shift+ArrowDown'],
  [press('Shift', 'Shift'), ''],
])('$0.key is named %s', (event, name) => {
  expect(keyName(event)).toBe(name);
});

test('a sequence is found key by key', () => {
  const all = ['g e', 'g m', 'e', 'j'];
  expect(matchKeys(all, [], 'g')).toEqual({ sequence: null, pending: ['g'] });
  expect(matchKeys(all, ['g'], 'e')).toEqual({ sequence: 'g e', pending: [] });
  expect(matchKeys(all, [], 'e').sequence).toBe('e');
});

test('a key that breaks a sequence counts by itself', () => {
  const all = ['g e', 'j'];
  expect(matchKeys(all, ['g'], 'j').sequence).toBe('j');
  expect(matchKeys(all, ['g'], 'g').pending).toEqual(['g']);
  expect(matchKeys(all, ['g'], 'q')).toEqual({ sequence: null, pending: [] });
});

test('keys are shown as they are labelled', () => {
  expect(keyCaps('g e', false)).toEqual([['G'], ['E']]);
  expect(keyCaps('Mod+k', true)).toEqual([['⌘', 'K']]);
  expect(keyCaps('Shift+ArrowDown', false)).toEqual([['Shift', '↓']]);
  expect(keyCaps('+', false)).toEqual([['+']]);
});
