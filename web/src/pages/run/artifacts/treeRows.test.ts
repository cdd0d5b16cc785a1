import { describe, expect, it } from 'vitest';
import { folderOf, foldersAbove, type Listing, nameOf, sorted, treeRows } from './treeRows';

const folders: Record<string, Listing> = {
  '': {
    files: [
      { path: 'model', is_dir: true },
      { path: 'a.txt', is_dir: false, file_size: 3 },
    ],
    error: null,
  },
  model: {
    files: [
      { path: 'model/empty', is_dir: true },
      { path: 'model/MLmodel', is_dir: false },
    ],
    error: null,
  },
  'model/empty': { files: [], error: null },
};
const shown = (open: string[], words = '') =>
  treeRows(
    (folder) => folders[folder],
    (folder) => open.includes(folder),
    words,
  ).map((row) => ' '.repeat(row.level - 1) + (row.kind === 'entry' ? row.name : row.note));

describe('treeRows', () => {
  it('shows what is open', () => {
    expect(shown([])).toEqual(['model', 'a.txt']);
    expect(shown(['model', 'model/empty'])).toEqual(['model', ' empty', '  empty', ' MLmodel', 'a.txt']);
  });

  it('says what is not there yet', () => {
    expect(
      treeRows(
        () => undefined,
        () => true,
      ),
    ).toMatchObject([{ note: 'loading' }]);
    expect(
      treeRows(
        () => ({ files: undefined, error: new Error() }),
        () => true,
      ),
    ).toMatchObject([{ note: 'failed' }]);
  });

  it('finds names in folders that have been read', () => {
    expect(shown([], 'mlm')).toEqual(['model', ' MLmodel']);
    expect(shown([], 'nothing')).toEqual([]);
  });
});

it('takes paths apart', () => {
  expect(nameOf('a/b/c.txt')).toBe('c.txt');
  expect(folderOf('a/b/c.txt')).toBe('a/b');
  expect(folderOf('c.txt')).toBe('');
  expect(foldersAbove('a/b/c.txt')).toEqual(['', 'a', 'a/b']);
  expect(foldersAbove('')).toEqual(['']);
});

it('sorts folders first and numbers by value', () => {
  const files = ['f10', 'f2', 'd/'].map((path) => ({
    path: path.replace('/', ''),
    is_dir: path.endsWith('/'),
  }));
  expect(sorted(files).map(({ path }) => path)).toEqual(['d', 'f2', 'f10']);
});
