import { expect, test } from 'vitest';
import { headerCommand, type Key, nextCell, rowCommand } from './keys';

const key = (name: string, more: Partial<Key> = {}): Key => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});
const size = { rows: 100_000, places: 8, page: 20 };
const at = (row: number, column = 1) => ({ row, column });

test('keys move between cells and stop at the edges', () => {
  expect(nextCell(at(3), key('j'), size)).toEqual(at(4));
  expect(nextCell(at(0), key('k'), size)).toEqual(at(0));
  expect(nextCell(at(0), key('ArrowUp'), size)).toEqual(at(-1));
  expect(nextCell(at(-1), key('ArrowUp'), size)).toEqual(at(-1));
  expect(nextCell(at(5, 4), key('End', { ctrlKey: true }), size)).toEqual(at(99_999, 4));
  expect(nextCell(at(5, 4), key('Home', { ctrlKey: true }), size)).toEqual(at(0));
  expect(nextCell(at(5, 4), key('End'), size)).toEqual(at(5, 7));
  expect(nextCell(at(10), key('PageDown'), size)).toEqual(at(30));
  expect(nextCell(at(10), key('j', { ctrlKey: true }), size)).toBeNull();
  expect(nextCell(at(0), key('ArrowDown'), { ...size, rows: 0 })).toEqual(at(-1));
});

test('keys act on rows', () => {
  expect(rowCommand(at(1), key('x'))).toBe('select');
  expect(rowCommand(at(1), key('X', { shiftKey: true }))).toBe('selectRange');
  expect(rowCommand(at(1), key('c'))).toBe('compare');
  expect(rowCommand(at(1), key('c', { ctrlKey: true }))).toBe('copy');
  expect(rowCommand(at(1, 3), key('ArrowRight'))).toBeNull();
  expect(rowCommand(at(1, 1), key('ArrowRight'))).toBe('expand');
  expect(rowCommand(at(1), key('r', { ctrlKey: true }))).toBeNull();
});

test('keys act on headings', () => {
  expect(headerCommand(key('Enter', { shiftKey: true }))).toBe('sortToo');
  expect(headerCommand(key('ArrowRight', { altKey: true }))).toBe('wider');
  expect(headerCommand(key('ArrowLeft', { altKey: true, shiftKey: true }))).toBe('left');
  expect(headerCommand(key('ArrowLeft'))).toBeNull();
});
