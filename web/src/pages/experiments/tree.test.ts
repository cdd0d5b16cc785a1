import { expect, test } from 'vitest';
import type { ExperimentSummary } from '../../api/types';
import type { ExperimentSort } from './experimentsState';
import { flatRows, foldersOf, labelOf, matches, type Row, treeRows } from './tree';

let nextId = 1;
const experiment = (
  name: string,
  runs = 0,
  last_activity: number | null = null,
  note = '',
): ExperimentSummary => ({
  experiment_id: String(nextId++),
  name,
  lifecycle_stage: 'active',
  creation_time: 1,
  last_update_time: 1,
  artifact_location: '',
  tags: { 'mlflow.note.content': note },
  runs,
  running: runs > 5 ? 1 : 0,
  deleted_runs: 0,
  last_activity,
});

const by = (column: ExperimentSort['column'], descending = false): ExperimentSort => ({ column, descending });
const shown = (rows: readonly Row[]) =>
  rows.map((row) => `${'  '.repeat(row.depth)}${row.label}${row.kind === 'folder' ? '/' : ''}`);
const all = () => true;

const SOME = [
  experiment('nlp/t5/small', 1, 10),
  experiment('vision/resnet', 9, 30),
  experiment('Default', 0, null),
  experiment('nlp/bert', 4, 20),
  experiment('nlp', 2, 5),
];

test('slashes make folders, and counts are added up', () => {
  const rows = treeRows(SOME, by('name'), all);
  expect(shown(rows)).toEqual([
    'nlp/',
    '  t5/',
    '    small',
    '  bert',
    'vision/',
    '  resnet',
    'Default',
    'nlp',
  ]);
  expect(rows[0]).toMatchObject({ kind: 'folder', runs: 5, running: 0, activity: 20 });
  expect(rows[4]).toMatchObject({ runs: 9, running: 1 });
});

test('what is in a closed folder is not shown, but counted', () => {
  const rows = treeRows(SOME, by('name'), (path) => path !== 'nlp');
  expect(shown(rows)).toEqual(['nlp/', 'vision/', '  resnet', 'Default', 'nlp']);
  expect(rows[0]).toMatchObject({ runs: 5 });
});

test('folders and experiments are sorted together by numbers, those without one last', () => {
  expect(shown(treeRows(SOME, by('activity', true), (path) => path === ''))).toEqual([
    'vision/',
    'nlp/',
    'nlp',
    'Default',
  ]);
  expect(shown(treeRows(SOME, by('activity'), (path) => path === '')).at(-1)).toBe('Default');
});

test('without folders the names are whole', () => {
  expect(shown(flatRows(SOME, by('runs', true)))).toEqual([
    'vision/resnet',
    'nlp/bert',
    'nlp',
    'nlp/t5/small',
    'Default',
  ]);
});

test('numbers in names count as numbers', () => {
  const rows = flatRows([experiment('run 10'), experiment('run 9'), experiment('Run 1')], by('name'));
  expect(shown(rows)).toEqual(['Run 1', 'run 9', 'run 10']);
});

test.each([
  ['a/b/c', ['a', 'a/b'], 'c'],
  ['/abs/path', ['/abs'], 'path'],
  ['a//b', ['a'], '/b'],
  ['a/', [], 'a/'],
  ['/', [], '/'],
  ['plain', [], 'plain'],
])('the folders of %j', (name, paths, label) => {
  expect(foldersOf(name).map(([, path]) => path)).toEqual(paths);
  expect(labelOf(name)).toBe(label);
});

test('words are looked for in names and notes, an id is found whole', () => {
  const one = experiment('Vision/ResNet', 1, 1, 'About *lions*');
  const found = (...words: string[]) => matches(one, { words, tags: [] });
  expect(found('resnet', 'lions')).toBe(true);
  expect(found('resnet', 'tigers')).toBe(false);
  expect(found(one.experiment_id)).toBe(true);
  expect(matches(one, { words: [], tags: ['team'] })).toBe(false);
});
