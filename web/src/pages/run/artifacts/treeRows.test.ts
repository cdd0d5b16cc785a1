import { describe, expect, it } from 'vitest';
import type { ArtifactFile } from '../../../api/mlflow';
import { MOST } from '../../../artifacts/folder';
import { foldersAbove, type Listing, treeRows } from './treeRows';

const whole = (...files: ArtifactFile[]): Listing => ({
  folder: { files, next: null, wanted: 10_000 },
  error: null,
  isReading: false,
});
const file = (path: string, is_dir = false) => ({ path, is_dir });

const folders: Record<string, Listing> = {
  '': whole(file('model', true), { path: 'a.txt', is_dir: false, file_size: 3 }),
  model: whole(file('model/empty', true), file('model/MLmodel')),
  'model/empty': whole(),
};
const shown = (open: string[], words = '', of = folders) =>
  treeRows(
    (folder) => of[folder],
    (folder) => open.includes(folder),
    words,
  ).map(
    (row) =>
      ' '.repeat(row.level - 1) +
      (row.kind === 'entry' ? row.name : row.kind === 'note' ? row.note : `${row.state} after ${row.read}`),
  );

describe('treeRows', () => {
  it('shows what is open', () => {
    expect(shown([])).toEqual(['model', 'a.txt']);
    expect(shown(['model', 'model/empty'])).toEqual(['model', ' empty', '  empty', ' MLmodel', 'a.txt']);
  });

  it('says what is not there yet', () => {
    expect(shown([], '', {})).toEqual(['loading']);
    expect(shown([], '', { '': { folder: undefined, error: new Error(), isReading: false } })).toEqual([
      'failed',
    ]);
    const [folder] = treeRows(
      (path) => (path === '' ? folders[''] : undefined),
      (path) => path === 'model',
    );
    expect(folder).toMatchObject({ name: 'model', isBusy: true });
  });

  it('finds names in folders that have been read', () => {
    expect(shown([], 'mlm')).toEqual(['model', ' MLmodel']);
    expect(shown([], 'nothing')).toEqual([]);
  });
});

describe('a folder that has not been read to its end', () => {
  const part = (changes: Partial<Listing>, wanted = 2): Record<string, Listing> => ({
    '': {
      folder: { files: [file('a'), file('b')], next: 'token', wanted },
      error: null,
      isReading: false,
      ...changes,
    },
  });

  it('says that there is more, and what is with it', () => {
    expect(shown([], '', part({}))).toEqual(['a', 'b', 'more after 2']);
    expect(shown([], '', part({ isReading: true }, 10))).toEqual(['a', 'b', 'reading after 2']);
    expect(shown([], '', part({ error: new Error() }))).toEqual(['a', 'b', 'failed after 2']);
    const full = { files: Array.from({ length: MOST }, (_, i) => file(`${i}`)), next: 'token', wanted: MOST };
    expect(shown([], '', part({ folder: full })).at(-1)).toBe(`full after ${MOST}`);
  });

  it('is not said to be read on when it is read again', () => {
    expect(shown([], '', part({ isReading: true }))).toEqual(['a', 'b', 'more after 2']);
  });

  it('says so below what a word found, and has no known number of entries', () => {
    expect(shown([], 'b', part({}))).toEqual(['b', 'more after 2']);
    expect(shown([], 'c', part({}))).toEqual(['more after 2']);
    const rows = treeRows(
      (path) => part({})[path],
      () => false,
    );
    expect(rows[0]).toMatchObject({ position: 1, siblings: -1 });
  });
});

it('knows the folders above a path', () => {
  expect(foldersAbove('a/b/c.txt')).toEqual(['', 'a', 'a/b']);
  expect(foldersAbove('')).toEqual(['']);
});
