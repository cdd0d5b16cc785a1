import { expect, test } from 'vitest';
import type { RunsKeys } from '../../../api/types';
import { columnSections, entriesOf, groupSections } from './entries';

const keys: RunsKeys = {
  total_runs: 2,
  metrics: [{ key: 'val/loss', runs: 2, differs: true }],
  params: [{ key: 'lr', runs: 1, differs: true }],
  tags: [
    { key: 'mlflow.user', runs: 2, differs: false },
    { key: 'team', runs: 1, differs: true },
  ],
  datasets: [],
};

test('what contains all words of the search, under its heading', () => {
  expect(entriesOf(columnSections(keys), 'LOSS val')).toEqual([
    { kind: 'heading', label: 'Metrics', count: 1 },
    { kind: 'column', column: 'metric.val/loss', label: 'val/loss', detail: '2', isMetric: true },
  ]);
  expect(entriesOf(columnSections(keys), 'nowhere')).toEqual([]);
});

test('tags that somebody set come first', () => {
  const tags = groupSections(keys).find(({ label }) => label === 'Tags');
  expect(tags?.columns.map(({ label }) => label)).toEqual(['team', 'mlflow.user']);
});
