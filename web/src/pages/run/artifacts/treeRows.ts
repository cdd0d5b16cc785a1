/** The tree of artifacts as rows: the folders that are open, and what of them has been read. */

import type { ArtifactFile } from '../../../api/mlflow';
import { byKey } from '../../../format/order';

/** What is known of a folder. */
export interface Listing {
  files: readonly ArtifactFile[] | undefined;
  error: unknown;
}

export type TreeRow =
  | {
      kind: 'entry';
      path: string;
      name: string;
      isFolder: boolean;
      isOpen: boolean;
      size: number | null;
      level: number;
      position: number;
      siblings: number;
    }
  /** A line below a folder whose content is not here. */
  | { kind: 'note'; path: string; level: number; note: 'loading' | 'empty' | 'failed' };

export const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

export const labelOf = (file: ArtifactFile) => file.label ?? nameOf(file.path);

/** The folder that a path is in; the root is the empty path. */
export const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** All folders above a path, from the root. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('/'))].filter(
    (one) => path !== '' || one === '',
  );
}

/** Folders first, then names in the order people expect. */
export function sorted(files: readonly ArtifactFile[]): ArtifactFile[] {
  return [...files].sort(
    (a, b) => Number(b.is_dir) - Number(a.is_dir) || byKey({ key: labelOf(a) }, { key: labelOf(b) }),
  );
}

/** The rows in sight. With words, only entries with them in their names, and the folders that lead there. */
export function treeRows(
  listing: (folder: string) => Listing | undefined,
  isOpen: (folder: string) => boolean,
  words = '',
): TreeRow[] {
  const rows: TreeRow[] = [];
  const asked = words.trim().toLowerCase();
  const add = (folder: string, level: number): boolean => {
    const known = listing(folder);
    if (!known?.files) {
      if (!asked) rows.push({ kind: 'note', path: folder, level, note: known?.error ? 'failed' : 'loading' });
      return false;
    }
    if (known.files.length === 0) {
      if (!asked && folder) rows.push({ kind: 'note', path: folder, level, note: 'empty' });
      return false;
    }
    let isFound = false;
    known.files.forEach((file, i) => {
      const name = labelOf(file);
      const at = rows.length;
      const open = file.is_dir && (isOpen(file.path) || (asked !== '' && listing(file.path) !== undefined));
      rows.push({
        kind: 'entry',
        path: file.path,
        name,
        isFolder: file.is_dir,
        isOpen: open,
        size: file.is_dir ? null : (file.file_size ?? null),
        level,
        position: i + 1,
        siblings: known.files?.length ?? 0,
      });
      const isInside = open && add(file.path, level + 1);
      if (!asked || isInside || name.toLowerCase().includes(asked)) isFound = true;
      else rows.length = at;
    });
    return isFound;
  };
  add('', 1);
  return rows;
}
