/** The files of several runs as one list, and the images among them. */

import { type Folder, nameOf, reaches } from '../../../artifacts/folder';
import { natural } from '../../../charts/runData';

export interface UnionEntry {
  path: string;
  name: string;
  isDir: boolean;
  /** The runs that have it. */
  runs: readonly string[];
}

/**
 * One folder of several runs: folders first, then files, each once. A path may be a folder here and a file there. Where a
 * folder has not been read to its end, the list ends with what is known of all runs: how many have a file is never a guess.
 */
export function unionOf(
  listings: readonly { runId: string; folder: Pick<Folder, 'files' | 'next' | 'last'> | undefined }[],
): UnionEntry[] {
  const found = new Map<string, { path: string; isDir: boolean; runs: string[] }>();
  const unread = listings.flatMap(({ runId, folder }) =>
    folder && folder.next !== null ? [{ runId, folder }] : [],
  );
  for (const { runId, folder } of listings) {
    for (const file of folder?.files ?? []) {
      const key = `${file.is_dir ? 'd' : 'f'}${file.path}`;
      const entry = found.get(key) ?? { path: file.path, isDir: file.is_dir, runs: [] };
      entry.runs.push(runId);
      found.set(key, entry);
    }
  }
  const isKnown = ({ path, runs }: { path: string; runs: string[] }) =>
    unread.every(({ runId, folder }) => reaches(folder, nameOf(path)) || runs.includes(runId));
  return [...found.values()]
    .filter(isKnown)
    .map((entry) => ({ ...entry, name: nameOf(entry.path) }))
    .sort((a, b) => Number(b.isDir) - Number(a.isDir) || natural(a.name, b.name));
}

const IMAGE = /\.(png|jpe?g|gif|webp|bmp|svg|avif)$/i;

export function isImage(path: string): boolean {
  return IMAGE.test(path);
}

export interface LoggedImage {
  key: string;
  step: number;
  timestamp: number;
  path: string;
}

/** What `log_image(key=…)` writes; its separator was `%` and is `+`. */
const LOGGED = /^images\/(.+?)([+%])step\2(-?\d+)\2timestamp\2(\d+)\2[^+%]+?(\2compressed)?\.(png|webp)$/;

/** A logged image, or `null`; the small copy that is logged beside it is not counted. */
export function loggedImage(path: string): LoggedImage | null {
  const match = LOGGED.exec(path);
  if (!match || match[5]) return null;
  const [, key = '', , step, timestamp] = match;
  return { key: key.replace(/[~#]/g, '/'), step: Number(step), timestamp: Number(timestamp), path };
}

/** For each key the steps of any run. */
export function loggedSteps(images: readonly LoggedImage[]): Map<string, number[]> {
  const found = new Map<string, Set<number>>();
  for (const { key, step } of images) found.set(key, (found.get(key) ?? new Set()).add(step));
  return new Map(
    [...found]
      .sort(([a], [b]) => natural(a, b))
      .map(([key, steps]) => [key, [...steps].sort((a, b) => a - b)]),
  );
}

/** A run's image of a key at a step, or the one before it; of two at the same step the later. */
export function imageAt(images: readonly LoggedImage[], key: string, step: number): LoggedImage | null {
  let best: LoggedImage | null = null;
  for (const image of images) {
    if (image.key !== key || image.step > step) continue;
    if (!best || image.step > best.step || (image.step === best.step && image.timestamp >= best.timestamp))
      best = image;
  }
  return best;
}
