/** The tree of artifacts as rows: the folders that are open, and what of them has been read. */

import { type Folder, labelOf, MOST } from '../../../artifacts/folder';

/** What is known of a folder. */
export interface Listing {
  folder: Pick<Folder, 'files' | 'next' | 'wanted'> | undefined;
  error: unknown;
  /** Whether the server is asked at this moment. */
  isReading: boolean;
}

export type TreeRow =
  | {
      kind: 'entry';
      path: string;
      name: string;
      isFolder: boolean;
      isOpen: boolean;
      /** An open folder whose content is on its way. */
      isBusy: boolean;
      size: number | null;
      level: number;
      position: number;
      /** −1: nobody knows yet. */
      siblings: number;
    }
  /** The end of a folder of which not all has been read. */
  | {
      kind: 'more';
      /** The folder. */
      path: string;
      level: number;
      read: number;
      state: 'reading' | 'more' | 'failed' | 'full';
    }
  /** A line below a folder whose content is not here. */
  | { kind: 'note'; path: string; level: number; note: 'loading' | 'empty' | 'failed' };

/** What tells rows apart; entries by their paths, in which there is no NUL. */
export const keyOf = (row: TreeRow) => (row.kind === 'entry' ? row.path : `${row.kind}\0${row.path}`);

/** All folders above a path, from the root. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('/'))].filter(
    (one) => path !== '' || one === '',
  );
}

/** Whether a name is what the reader looks for. */
export const hasWords = (name: string, words: string) =>
  name.toLowerCase().includes(words.trim().toLowerCase());

/** The rows in sight. With words, only entries with them in their names, and the folders that lead there. */
export function treeRows(
  listing: (folder: string) => Listing | undefined,
  isOpen: (folder: string) => boolean,
  words = '',
): TreeRow[] {
  const rows: TreeRow[] = [];
  const asked = words.trim().toLowerCase();
  const add = (path: string, level: number): boolean => {
    const known = listing(path);
    const folder = known?.folder;
    if (!folder) {
      if (!asked) rows.push({ kind: 'note', path, level, note: known?.error ? 'failed' : 'loading' });
      return false;
    }
    const { files, next } = folder;
    if (files.length === 0 && next === null) {
      if (!asked && path) rows.push({ kind: 'note', path, level, note: 'empty' });
      return false;
    }
    const siblings = next === null ? files.length : -1;
    let isFound = false;
    files.forEach((file, i) => {
      const name = labelOf(file);
      const inside = file.is_dir ? listing(file.path) : undefined;
      const open = file.is_dir && (isOpen(file.path) || (asked !== '' && inside !== undefined));
      const isNamed = !asked || hasWords(name, asked);
      // Most of a large folder: nothing is made for what no word names.
      if (!isNamed && !open) return;
      const at = rows.length;
      rows.push({
        kind: 'entry',
        path: file.path,
        name,
        isFolder: file.is_dir,
        isOpen: open,
        isBusy: open && !inside?.folder && !inside?.error,
        size: file.is_dir ? null : (file.file_size ?? null),
        level,
        position: i + 1,
        siblings,
      });
      const isInside = open && add(file.path, level + 1);
      if (isNamed || isInside) isFound = true;
      else rows.length = at;
    });
    if (next === null) return isFound;
    const state = moreOf(known);
    rows.push({ kind: 'more', path, level, read: files.length, state });
    return true;
  };
  add('', 1);
  return rows;
}

/** What is with the rest of a folder that has not been read to its end. */
export function moreOf({ folder, error, isReading }: Listing): 'reading' | 'more' | 'failed' | 'full' {
  if (folder && folder.files.length >= MOST) return 'full';
  if (isReading && folder && folder.wanted > folder.files.length) return 'reading';
  return error ? 'failed' : 'more';
}
