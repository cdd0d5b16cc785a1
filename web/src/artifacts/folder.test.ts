import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/http';
import type { ArtifactFile } from '../api/mlflow';
import {
  AT_ONCE,
  compareBytes,
  type Folder,
  folderOf,
  folderQuery,
  MOST,
  nameOf,
  reaches,
  readMore,
  type ReadPage,
  sorted,
  stopReading,
  tellFolders,
} from './folder';
import { foldersOfRun, isDue, readFoldersAgain } from './foldersOfRun';

const file = (path: string, is_dir = false): ArtifactFile => ({ path, is_dir });
const name = (i: number) => `f-${String(i).padStart(6, '0')}`;

let client: QueryClient;
beforeEach(() => {
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
});

/** A store with a folder that can change, in pages; `asked` has their sizes. */
function storeOf(count: number, nameAt = name) {
  const store = {
    files: Array.from({ length: count }, (_, i) => file(nameAt(i))),
    asked: [] as number[],
    /** Called before each page. */
    before: (() => undefined) as (page: number) => unknown,
  };
  const read: ReadPage = async ({ max, token }) => {
    await store.before(store.asked.length);
    store.asked.push(max);
    const from = Number(token ?? 0);
    const to = from + max;
    return { files: store.files.slice(from, to), next: to < store.files.length ? String(to) : null };
  };
  return { store, read };
}

const KEY = [...foldersOfRun('r'), 'd'];

/** Shows the folder, as a page does. */
function show(read: ReadPage) {
  const observer = new QueryObserver(client, folderQuery(KEY, read));
  const sizes: number[] = [];
  observer.subscribe(({ data }) => {
    if (data && sizes.at(-1) !== data.files.length) sizes.push(data.files.length);
  });
  return { observer, sizes };
}

const settled = () => vi.waitFor(() => expect(client.isFetching()).toBe(0));
const folder = () => client.getQueryData<Folder>(KEY) as Folder;

describe('reading', () => {
  it('shows the first page at once, and reads on by itself up to a number', async () => {
    const { store, read } = storeOf(25_000);
    const { sizes } = show(read);
    await settled();
    expect(store.asked).toEqual([1_000, 9_000]);
    expect(sizes).toEqual([1_000, 10_000]);
    expect(folder()).toMatchObject({ next: '10000', last: { path: name(9_999) } });
  });

  it('reads more when it is asked to, and all', async () => {
    const { store, read } = storeOf(45_500);
    const { sizes } = show(read);
    await settled();
    await readMore(client, KEY, AT_ONCE);
    expect(sizes).toEqual([1_000, 10_000, 20_000]);
    await readMore(client, KEY, MOST);
    expect(sizes).toEqual([1_000, 10_000, 20_000, 30_000, 40_000, 45_500]);
    expect(store.asked).toHaveLength(6);
    expect(folder().next).toBeNull();
  });

  it('stops when it is told to', async () => {
    const { store, read } = storeOf(45_500);
    show(read);
    await settled();
    store.before = (page) => page === 3 && stopReading(client, KEY);
    await readMore(client, KEY, MOST);
    expect(folder().files).toHaveLength(30_000);
    expect(folder().next).toBe('30000');
  });

  it('takes all from a server that has no pages', async () => {
    const files = Array.from({ length: 12_000 }, (_, i) => file(name(i)));
    const read = vi.fn<ReadPage>(async () => ({ files, next: null }));
    show(read);
    await settled();
    expect(read).toHaveBeenCalledTimes(1);
    expect(folder().files).toHaveLength(12_000);
  });

  it('reads on over pages that are short or empty, and ends where the server goes in circles', async () => {
    const pages = [{ next: '1' }, { next: '2' }, { next: '2' }];
    let at = 0;
    show(async () => ({ files: [file(name(at))].slice(at % 2), next: pages[at++]?.next ?? null }));
    await settled();
    expect(folder().files).toHaveLength(1);
    expect(client.getQueryState(KEY)?.error?.message).toContain('twice');
  });

  it('keeps what it has when a later page fails, and goes on from there', async () => {
    const { store, read } = storeOf(3_000);
    store.before = (page) => {
      if (page === 1) throw new Error('away');
    };
    const { sizes } = show(read);
    await settled();
    expect(folder().files).toHaveLength(1_000);
    expect(client.getQueryState(KEY)?.error?.message).toBe('away');
    store.before = () => undefined;
    await client.refetchQueries({ queryKey: KEY });
    expect(sizes).toEqual([1_000, 3_000]);
    expect(store.asked).toEqual([1_000, 9_000]);
  });

  it('begins anew when the server refuses a page', async () => {
    const { store, read } = storeOf(3_000);
    store.before = (page) => {
      if (page === 1) throw new ApiError(400, 'INVALID_PARAMETER_VALUE', 'no such token');
    };
    const { sizes } = show(read);
    await settled();
    store.before = () => undefined;
    await client.refetchQueries({ queryKey: KEY });
    expect(store.asked).toEqual([1_000, 1_000, 9_000]);
    expect(sizes).toEqual([1_000, 3_000]);
  });

  it('finds all images that were logged by step', async () => {
    const { read } = storeOf(22_000, (i) => `images/k+step+${i}+timestamp+5+${i}.png`);
    show(read);
    await settled();
    expect(folder().files).toHaveLength(22_000);
  });

  it('is left, and read on where it was left', async () => {
    const { store, read } = storeOf(5_000);
    const first = new QueryObserver(client, folderQuery(KEY, read));
    let leave: () => void = () => undefined;
    store.before = (page) => page === 1 && leave();
    leave = first.subscribe(() => undefined);
    await settled();
    expect(folder().files).toHaveLength(1_000);
    store.before = () => undefined;
    show(read);
    await settled();
    expect(folder().files).toHaveLength(5_000);
    expect(store.asked.filter((max) => max === 1_000)).toHaveLength(1);
  });
});

describe('reading again', () => {
  it('shows the old entries until all of the new ones are there', async () => {
    const { store, read } = storeOf(3_000);
    const { sizes } = show(read);
    await settled();
    store.files = store.files.slice(0, 2_500);
    await client.invalidateQueries({ queryKey: KEY });
    expect(sizes).toEqual([1_000, 3_000, 2_500]);
  });

  it('reads as much as there was', async () => {
    const { store, read } = storeOf(45_500);
    show(read);
    await settled();
    await readMore(client, KEY, AT_ONCE);
    store.asked = [];
    await client.invalidateQueries({ queryKey: KEY });
    expect(store.asked).toEqual([1_000, 10_000, 9_000]);
    expect(folder().files).toHaveLength(20_000);
  });

  it('leaves a folder alone that takes long, for twenty times as long', async () => {
    const { store, read } = storeOf(500);
    show(read);
    await settled();
    client.setQueryData<Folder>(KEY, { ...folder(), tookMs: 2_000 });
    store.asked = [];
    await readFoldersAgain(client, 'r');
    expect(store.asked).toEqual([]);
    client.setQueryData<Folder>(KEY, { ...folder(), tookMs: 2_000 }, { updatedAt: Date.now() - 40_001 });
    await readFoldersAgain(client, 'r');
    expect(store.asked).toEqual([1_000]);
    expect(isDue(folder(), 0, 1)).toBe(folder().tookMs < 0.05);
  });
});

describe('what this page changes', () => {
  const paths = () => folder().files.map(({ path }) => path);
  /** As if it had taken so long that it is not read again. */
  const large = () => client.setQueryData<Folder>(KEY, { ...folder(), tookMs: 60_000 });

  it('is shown without reading a large folder again', async () => {
    const read = vi.fn<ReadPage>(async () => ({ files: [file('d/a'), file('d/c')], next: null }));
    show(read);
    await settled();
    large();
    await tellFolders(client, 'r', { put: file('d/b') });
    await tellFolders(client, 'r', { put: { ...file('d/b'), file_size: 2 } });
    await tellFolders(client, 'r', { removed: 'd/a' });
    await tellFolders(client, 'r', { put: file('elsewhere/x') });
    expect(paths()).toEqual(['d/b', 'd/c']);
    expect(folder().files[0]?.file_size).toBe(2);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is there too when an answer was on its way meanwhile', async () => {
    let answer: (page: Awaited<ReturnType<ReadPage>>) => void = () => undefined;
    const read: ReadPage = () => new Promise((done) => (answer = done));
    show(read);
    answer({ files: [file('d/a'), file('d/c')], next: null });
    await settled();
    void client.invalidateQueries({ queryKey: KEY });
    large();
    void tellFolders(client, 'r', { put: file('d/b') });
    void tellFolders(client, 'r', { removed: 'd/c' });
    answer({ files: [file('d/a'), file('d/c')], next: null });
    await settled();
    expect(paths()).toEqual(['d/a', 'd/b']);
  });

  it('forgets the folders in a folder that is deleted', async () => {
    for (const one of ['d', 'd/e', 'd2']) client.setQueryData([...foldersOfRun('r'), one], { files: [] });
    await tellFolders(client, 'r', { removed: 'd' });
    const known = client.getQueryCache().findAll({ queryKey: foldersOfRun('r') });
    expect(known.map(({ queryKey }) => queryKey[2])).toEqual(['d2']);
  });
});

it('takes paths apart', () => {
  expect(nameOf('a/b/c.txt')).toBe('c.txt');
  expect(folderOf('a/b/c.txt')).toBe('a/b');
  expect(folderOf('c.txt')).toBe('');
});

it('sorts folders first and numbers by value, each once', () => {
  const files = ['f10', 'f2', 'd/', 'f2'].map((path) => file(path.replace('/', ''), path.endsWith('/')));
  expect(sorted(files).map(({ path }) => path)).toEqual(['d', 'f2', 'f10']);
});

it('knows how far it has read, whether folders stand by `name` or by `name/`', () => {
  const read = (path: string, is_dir = false) => ({ next: 'token', last: file(path, is_dir) });
  expect(reaches(read('d/m'), 'a')).toBe(true);
  expect(reaches(read('d/m'), 'm')).toBe(false);
  expect(reaches(read('d/m'), 'n')).toBe(false);
  // A folder `a` stands behind `a-b` in an object store, and in front of it elsewhere.
  expect(reaches(read('a-b'), 'a')).toBe(false);
  expect(reaches(read('a', true), 'a-b')).toBe(false);
  expect(reaches({ next: 'token', last: null }, 'a')).toBe(false);
  expect(reaches({ next: null, last: null }, 'z')).toBe(true);
});

it('compares texts as their bytes', () => {
  const texts = ['', 'A', 'a', 'a-', 'a/', 'aa', 'é', '\ud7ff', '\ue000', '\uffee', '😀', '😀a', '😁'];
  for (const a of texts)
    for (const b of texts)
      expect(Math.sign(compareBytes(a, b))).toBe(
        Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))) || 0,
      );
  expect([...texts].reverse().sort(compareBytes)).toEqual(texts);
});
