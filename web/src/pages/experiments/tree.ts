/** Experiments as rows: filtered, in folders by the `/` in their names, sorted. */

import type { ExperimentSummary } from '../../api/types';
import type { ExperimentSort, SortColumn } from './experimentsState';
import { hasTag, noteOf } from './tags';

/** What a row says in numbers; a folder's are those of all experiments in it. */
export interface Counts {
  runs: number;
  running: number;
  activity: number | null;
  created: number | null;
}

export interface ExperimentRow extends Counts {
  kind: 'experiment';
  key: string;
  /** The name below its folder. */
  label: string;
  depth: number;
  experiment: ExperimentSummary;
}

export interface FolderRow extends Counts {
  kind: 'folder';
  key: string;
  label: string;
  depth: number;
  path: string;
  isOpen: boolean;
  /** Of all experiments in it, however deep. */
  experiments: readonly ExperimentSummary[];
}

export type Row = ExperimentRow | FolderRow;

export interface Filter {
  /** In lower case. */
  words: readonly string[];
  tags: readonly string[];
}

export function matches(experiment: ExperimentSummary, { words, tags }: Filter): boolean {
  if (!tags.every((tag) => hasTag(experiment, tag))) return false;
  if (words.length === 0) return true;
  const text = `${experiment.name}\n${noteOf(experiment)}`.toLowerCase();
  return words.every((word) => text.includes(word) || word === experiment.experiment_id);
}

/** One row each, without folders. */
export function flatRows(experiments: readonly ExperimentSummary[], sort: ExperimentSort): ExperimentRow[] {
  return experiments.map((experiment) => experimentRow(experiment, experiment.name, 0)).sort(comparing(sort));
}

interface Folder {
  path: string;
  label: string;
  folders: Map<string, Folder>;
  own: ExperimentSummary[];
}

/** Folders with what is in them below; closed ones alone. */
export function treeRows(
  experiments: readonly ExperimentSummary[],
  sort: ExperimentSort,
  isOpen: (path: string) => boolean,
): Row[] {
  const root: Folder = { path: '', label: '', folders: new Map(), own: [] };
  for (const experiment of experiments) {
    let folder = root;
    for (const [label, path] of foldersOf(experiment.name)) {
      let next = folder.folders.get(label);
      if (!next) {
        next = { path, label, folders: new Map(), own: [] };
        folder.folders.set(label, next);
      }
      folder = next;
    }
    folder.own.push(experiment);
  }
  const rows: Row[] = [];
  push(root, 0, rows, sort, isOpen);
  return rows;
}

/** The folders of a name, outermost first. A slash at an end or beside another makes no folder. */
export function foldersOf(name: string): [label: string, path: string][] {
  const found: [string, string][] = [];
  let from = 0;
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    if (at === from || at === name.length - 1) continue;
    found.push([name.slice(from, at), name.slice(0, at)]);
    from = at + 1;
  }
  return found;
}

/** The name without its folders. */
export function labelOf(name: string): string {
  const folder = foldersOf(name).at(-1)?.[1];
  return folder === undefined ? name : name.slice(folder.length + 1);
}

function push(
  folder: Folder,
  depth: number,
  rows: Row[],
  sort: ExperimentSort,
  isOpen: (path: string) => boolean,
) {
  const here: Row[] = [
    ...[...folder.folders.values()].map((below) => folderRow(below, depth, isOpen(below.path))),
    ...folder.own.map((experiment) => experimentRow(experiment, labelOf(experiment.name), depth)),
  ];
  for (const row of here.sort(comparing(sort))) {
    rows.push(row);
    const below = row.kind === 'folder' && row.isOpen && folder.folders.get(row.label);
    if (below) push(below, depth + 1, rows, sort, isOpen);
  }
}

function experimentRow(experiment: ExperimentSummary, label: string, depth: number): ExperimentRow {
  return {
    kind: 'experiment',
    key: experiment.experiment_id,
    label,
    depth,
    experiment,
    runs: experiment.runs,
    running: experiment.running,
    activity: experiment.last_activity,
    created: experiment.creation_time,
  };
}

function folderRow(folder: Folder, depth: number, isOpen: boolean): FolderRow {
  const experiments = allIn(folder);
  const row: FolderRow = {
    kind: 'folder',
    key: `${folder.path}/`,
    label: folder.label,
    depth,
    path: folder.path,
    isOpen,
    experiments,
    runs: 0,
    running: 0,
    activity: null,
    created: null,
  };
  for (const one of experiments) {
    row.runs += one.runs;
    row.running += one.running;
    row.activity = latest(row.activity, one.last_activity);
    row.created = latest(row.created, one.creation_time);
  }
  return row;
}

function allIn(folder: Folder): ExperimentSummary[] {
  return [...folder.own, ...[...folder.folders.values()].flatMap(allIn)];
}

const latest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));

const NAMES = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** What has no value comes last either way; ties go by name. Folders come before experiments by name. */
function comparing({ column, descending }: ExperimentSort) {
  const sign = descending ? -1 : 1;
  return (a: Row, b: Row): number => {
    if (column === 'name') {
      if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
      return sign * NAMES.compare(a.label, b.label);
    }
    const [x, y] = [a[column], b[column]];
    if (x === y) return NAMES.compare(a.label, b.label);
    if (x === null) return 1;
    if (y === null) return -1;
    return sign * (x - y);
  };
}

/** Which way a column is sorted first: names from A, numbers from the greatest. */
export const startsDescending = (column: SortColumn) => column !== 'name';
