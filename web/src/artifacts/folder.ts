/**
 * What is in a folder, read page by page: the first page is shown at once, the next ones follow by themselves up to a number
 * that is read in no time, and the rest when the reader asks. What of it has been read is kept sorted.
 */

import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { ApiError } from '../api/http';
import type { ArtifactFile, PageOfFolder } from '../api/mlflow';
import { foldersOfRun, readFoldersAgain, REST } from './foldersOfRun';
import { compareNames } from '../format/order';

/** What of a folder has been read. */
export interface Folder {
  /** Folders first, by name, each once. */
  files: readonly ArtifactFile[];
  /** Where to read on; `null`: this is all. */
  next: string | null;
  /** The last entry of what has been read, in the order of the store. */
  last: ArtifactFile | null;
  /** So many entries are read, if there are so many. */
  wanted: number;
  /** How long the server took for all of it, ms. */
  tookMs: number;
  /** What this page has changed itself since it was read: an answer that is on its way may not know it. */
  changes: readonly FolderChange[];
}

export type FolderChange = { put: ArtifactFile } | { removed: string };

export interface FilesPage {
  files: readonly ArtifactFile[];
  next: string | null;
}

export type ReadPage = (page: PageOfFolder, signal: AbortSignal) => Promise<FilesPage>;

/** Entries of the first page, which is shown as soon as it is there. */
export const FIRST_PAGE = 1_000;

/** Entries that are read without being asked for; and so many more at a press. */
export const AT_ONCE = 10_000;

/** Entries of the largest page that the server gives. */
const LARGEST_PAGE = 10_000;

/** Entries that are read at most: a list of more is higher than browsers draw, and no reading. */
export const MOST = 500_000;

/** A folder is as old as this before it is read again by itself, ms. */
const FRESH_MS = 10_000;

/** The names of `log_image`: of them all are needed to tell the steps. */
const LOGGED_IMAGE = /[+%]step[+%]/;

const NOTHING: Folder = { files: [], next: null, last: null, wanted: 0, tookMs: 0, changes: [] };

/** Whether it is to be read on without being asked for. */
export const isUnfinished = (folder: Folder) => folder.next !== null && folder.files.length < folder.wanted;

/** A query for a folder. */
export const folderQuery = (queryKey: readonly unknown[], readPage: ReadPage, wanted = AT_ONCE) =>
  queryOptions({
    queryKey,
    queryFn: ({ client, signal }) => readFolder(client, queryKey, readPage, signal, wanted),
    staleTime: ({ state: { data } }) =>
      data && isUnfinished(data) ? 0 : Math.max(FRESH_MS, REST * (data?.tookMs ?? 0)),
    // Comparing 100,000 entries with those before costs more than drawing the thirty in sight.
    structuralSharing: false,
  });

/** Reads on where it was left, or all again if it was invalidated. */
async function readFolder(
  client: QueryClient,
  queryKey: readonly unknown[],
  readPage: ReadPage,
  signal: AbortSignal,
  wanted: number,
): Promise<Folder> {
  const state = client.getQueryState<Folder>(queryKey);
  const before = state?.data;
  // A page that failed makes it invalid too, as react-query has it. One that was refused would be refused again.
  const isOld = state?.isInvalidated && (!state.error || isRefusal(state.error));
  const readsOn = before !== undefined && !isOld && isUnfinished(before);
  // What is shown stays until all of it has been read again.
  const isShown = readsOn || before === undefined;
  const known = before?.changes.length ?? 0;
  let folder = readsOn ? before : { ...NOTHING, wanted: before?.wanted ?? wanted };
  do {
    const began = performance.now();
    const page = await readPage({ max: pageSize(folder), token: folder.next }, signal);
    signal.throwIfAborted();
    if (page.next !== null && page.next === folder.next)
      throw new Error('The server gave the same page of the folder twice.');
    // Meanwhile the reader may have asked for more, or for no more, or changed the folder.
    const now = client.getQueryData<Folder>(queryKey);
    folder = withPage({ ...folder, wanted: now?.wanted ?? folder.wanted }, page, now?.changes.slice(known));
    folder = { ...folder, tookMs: folder.tookMs + performance.now() - began };
    if (isShown && isUnfinished(folder))
      client.setQueryData<Folder>(queryKey, { ...folder, changes: now?.changes ?? [] });
  } while (isUnfinished(folder));
  return folder;
}

const isRefusal = (error: Error) => error instanceof ApiError && !error.isTemporary;

const pageSize = ({ files, wanted }: Folder) =>
  files.length === 0 ? FIRST_PAGE : Math.max(1, Math.min(LARGEST_PAGE, wanted - files.length));

/** With one page more. */
export function withPage(folder: Folder, page: FilesPage, changes: readonly FolderChange[] = []): Folder {
  // Once the reader has said how many, that holds.
  const hasSteps = folder.wanted === AT_ONCE && page.files.some(({ path }) => LOGGED_IMAGE.test(path));
  return {
    ...folder,
    files: changed(sorted([...folder.files, ...page.files]), changes),
    next: page.next,
    last: page.files.at(-1) ?? folder.last,
    wanted: hasSteps ? MOST : folder.wanted,
    changes: [],
  };
}

function changed(files: readonly ArtifactFile[], changes: readonly FolderChange[]): readonly ArtifactFile[] {
  if (changes.length === 0) return files;
  const latest = new Map(
    changes.map((one) => ('put' in one ? [one.put.path, one.put] : ([one.removed, null] as const))),
  );
  const kept = files.filter(({ path }) => !latest.has(path));
  const put = [...latest.values()].filter((one) => one !== null);
  return put.length > 0 ? sorted([...kept, ...put]) : kept;
}

export const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

export const labelOf = (file: ArtifactFile) => file.label ?? nameOf(file.path);

/** The folder that a path is in; the root is the empty path. */
export const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Folders first, then names in the order people expect; each once. */
export function sorted(files: readonly ArtifactFile[]): ArtifactFile[] {
  const named = files.map((file) => ({ file, name: labelOf(file) }));
  named.sort(
    (a, b) =>
      Number(b.file.is_dir) - Number(a.file.is_dir) ||
      compareNames(a.name, b.name) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  // An entry may be in two pages if the folder changed between them; the later one is right.
  return named.flatMap(({ file }, i) => {
    const next = named[i + 1]?.file;
    return next?.path === file.path && next.is_dir === file.is_dir ? [] : [file];
  });
}

/**
 * Whether what has been read of a folder reaches to this name, so that an entry that is not in it does not exist. Stores sort
 * names by their bytes, object stores folders by `name/`: both are looked at, as one cannot see which it is.
 */
export function reaches({ next, last }: Pick<Folder, 'next' | 'last'>, name: string): boolean {
  if (next === null) return true;
  if (!last) return false;
  const end = nameOf(last.path);
  const isPast = (one: string, of: string) => compareBytes(one, of) <= 0;
  return isPast(name, end) && isPast(`${name}/`, last.is_dir ? `${end}/` : end);
}

/** Texts by their bytes in UTF-8, which is the order of code points. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return place(x) - place(y);
  }
  return a.length - b.length;
}

/** Halves of code points above U+FFFF come after all others. */
const place = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** So many entries more; `Infinity`: all that the page can show. */
export async function readMore(client: QueryClient, queryKey: readonly unknown[], more: number) {
  setWanted(client, queryKey, ({ files }) => Math.min(MOST, files.length + more));
  await client.refetchQueries({ queryKey, exact: true });
}

/** No more pages than the one that is on its way. */
export const stopReading = (client: QueryClient, queryKey: readonly unknown[]) =>
  setWanted(client, queryKey, ({ files }) => files.length);

function setWanted(client: QueryClient, queryKey: readonly unknown[], wanted: (folder: Folder) => number) {
  const updatedAt = client.getQueryState(queryKey)?.dataUpdatedAt;
  client.setQueryData<Folder>(queryKey, (before) => before && { ...before, wanted: wanted(before) }, {
    ...(updatedAt !== undefined && { updatedAt }),
  });
}

/** Shows what this page has stored in a run or deleted from it, in the folders that have been read. */
export function tellFolders(client: QueryClient, runId: string, change: FolderChange) {
  const path = 'put' in change ? change.put.path : change.removed;
  for (const { queryKey, state } of client
    .getQueryCache()
    .findAll({ queryKey: [...foldersOfRun(runId), folderOf(path)] })) {
    client.setQueryData<Folder>(
      queryKey,
      (before) =>
        before && {
          ...before,
          files: changed(before.files, [change]),
          changes: [...before.changes, change],
        },
      { updatedAt: state.dataUpdatedAt },
    );
  }
  if ('removed' in change) {
    client.removeQueries({
      queryKey: foldersOfRun(runId),
      predicate: ({ queryKey: [, , folder] }) => folder === path || String(folder).startsWith(`${path}/`),
    });
  }
  return readFoldersAgain(client, runId);
}
