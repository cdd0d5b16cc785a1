import { expect, test } from 'vitest';
import { applyMoves, gridRows, moveTarget, searchOf, sectionsOf, withMove } from './sections';

const keys = ['val/loss', 'loss', 'system/cpu', 'a/b/c', 'train/m10', 'train/m2', 'system/gpu/0'];

test('sections by prefix, the system last, numbers in their order', () => {
  expect(sectionsOf(keys, [], []).map((one) => [one.name, ...one.keys])).toEqual([
    ['', 'loss'],
    ['a/b', 'a/b/c'],
    ['train', 'train/m2', 'train/m10'],
    ['val', 'val/loss'],
    ['system', 'system/cpu'],
    ['system/gpu', 'system/gpu/0'],
  ]);
});

test('sections and charts stay where they were put', () => {
  const sections = sectionsOf(keys, ['val', ''], ['train/m10', 'train/m2', 'gone', 'loss']);
  expect(sections.map((one) => one.name)).toEqual(['', 'a/b', 'train', 'system', 'system/gpu', 'val']);
  expect(sections[2]?.keys).toEqual(['train/m10', 'train/m2']);
});

test('each move ends where it was meant to', () => {
  const items = ['a', 'b', 'c', 'd'];
  const moved = (name: string, where: 'earlier' | 'later' | 'first' | 'last') => {
    const before = moveTarget(items, name, where);
    return before === null ? null : applyMoves(items, withMove([], name, before)).join('');
  };
  expect(moved('c', 'earlier')).toBe('acbd');
  expect(moved('b', 'later')).toBe('acbd');
  expect(moved('c', 'later')).toBe('abdc');
  expect(moved('d', 'first')).toBe('dabc');
  expect(moved('a', 'last')).toBe('bcda');
  expect(moved('a', 'first')).toBeNull();
  expect(moved('d', 'later')).toBeNull();
});

test('moving the same again forgets the first move', () => {
  expect(withMove(withMove([], 'a', ''), 'a', 'c')).toEqual(['a', 'c']);
});

test('a regular expression finds names and marks what it found', () => {
  const search = searchOf('^TRAIN/.*\\d$');
  expect(keys.filter(search.test)).toEqual(['train/m10', 'train/m2']);
  const letter = searchOf('o');
  // An expression remembers where it stopped.
  letter.test('foo');
  expect(letter.ranges('loss/o')).toEqual([
    [1, 2],
    [5, 6],
  ]);
});

test('half an expression is searched for as text, and says what is wrong', () => {
  const search = searchOf('loss (');
  expect(search.error).toBeTruthy();
  expect(search.test('loss (val)')).toBe(true);
});

test('the charts of a closed section are no rows', () => {
  const rows = gridRows(sectionsOf(keys, [], []), ['train'], 2);
  expect(rows.map((row) => (row.kind === 'section' ? `#${row.section.name}` : row.keys.join(' ')))).toEqual([
    '#',
    'loss',
    '#a/b',
    'a/b/c',
    '#train',
    '#val',
    'val/loss',
    '#system',
    '#system/gpu',
  ]);
});
