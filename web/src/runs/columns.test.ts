import { expect, test } from 'vitest';
import type { RunsKeys } from '../api/types';
import { columnLabel, partsOf, sortColumn, wireColumns } from './columns';
import { defaultColumns, differingColumns } from './defaultColumns';

test('the first dot ends the kind', () => {
  expect(partsOf('param.model.depth')).toEqual({ kind: 'param', key: 'model.depth' });
  expect(partsOf('metric_min.val/loss')).toEqual({ kind: 'metric_min', key: 'val/loss' });
  expect(partsOf('datasets')).toEqual({ kind: 'datasets', key: '' });
  expect(columnLabel('tag.')).toBe('tag.');
});

test('the source is two tags on the wire', () => {
  expect(wireColumns(['source', 'metric.a', 'tag.mlflow.source.name'])).toEqual([
    'tag.mlflow.source.name',
    'tag.mlflow.source.git.commit',
    'metric.a',
  ]);
  expect(sortColumn('source')).toBe('tag.mlflow.source.name');
  expect(sortColumn('metric_max.a')).toBeNull();
});

const keys: RunsKeys = {
  total_runs: 10,
  metrics: [
    { key: 'rare', runs: 1, differs: true },
    { key: 'same', runs: 10, differs: false },
    { key: 'loss', runs: 10, differs: true },
    { key: 'system/cpu', runs: 10, differs: true },
  ],
  params: [{ key: 'seed', runs: 10, differs: false }],
  tags: [],
  datasets: [],
};

test('what tells runs apart comes first', () => {
  expect(defaultColumns(keys, false).slice(4)).toEqual([
    'metric.loss',
    'metric.rare',
    'metric.same',
    'param.seed',
  ]);
  expect(differingColumns(keys)).toEqual(['metric.rare', 'metric.loss', 'metric.system/cpu']);
});
