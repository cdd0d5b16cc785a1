import { expect, test } from 'vitest';
import { below, countOf, type RunRow, runRows, Source, spanAt, spansOf, windowsBetween } from './rowTree';

const ask = { selection: { experiments: ['1'] }, group: [], path: [] };
const run = (index: number): RunRow => ({
  kind: 'run',
  key: `/${index}`,
  id: String(index),
  index,
  depth: 0,
  cells: {},
});

test('rows below an open row stand between it and the next', () => {
  const root = new Source('', 0, ask);
  root.total = 10;
  root.put(run(3));
  root.put(run(7));
  const third = new Source('/3', 1, ask);
  third.total = 5;
  root.children.set('/3', third);
  const spans = spansOf(root);
  expect(spans.map(({ source, from, to, index }) => [source.key, from, to, index])).toEqual([
    ['', 0, 4, 0],
    ['/3', 4, 9, 0],
    ['', 9, 15, 4],
  ]);
  expect(countOf(spans)).toBe(15);
  expect(spanAt(spans, 3)?.source.key).toBe('');
  expect(spanAt(spans, 8)?.source.key).toBe('/3');
  expect(spanAt(spans, 14)?.index).toBe(4);
  expect(spanAt(spans, 15)).toBeUndefined();
});

test('any depth; what is on its way is one row; what is not loaded is not open', () => {
  const root = new Source('', 0, ask);
  root.total = 2;
  root.put(run(1));
  const child = new Source('/1', 1, ask);
  child.total = 1;
  child.put({ ...run(0), key: '/1/0' });
  child.children.set('/1/0', new Source('/1/0', 2, ask));
  root.children.set('/1', child);
  root.children.set('/elsewhere', new Source('/elsewhere', 1, ask));
  expect(spansOf(root).map(({ source, from, to }) => [source.key, from, to])).toEqual([
    ['', 0, 2],
    ['/1', 2, 3],
    ['/1/0', 3, 4],
  ]);
});

test('a table without rows has none', () => {
  const root = new Source('', 0, ask);
  root.total = 0;
  expect(spansOf(root)).toEqual([]);
  expect(spanAt([], 0)).toBeUndefined();
});

test('windows cover what is asked for', () => {
  expect(windowsBetween(0, 40, 200)).toEqual([0]);
  expect(windowsBetween(190, 401, 200)).toEqual([0, 200, 400]);
});

test('columns become rows', () => {
  const table = {
    total: 9,
    offset: 4,
    generation: 'g',
    ids: ['a', 'b'],
    columns: { 'metric.x': [1, 'NaN' as const] },
  };
  expect(runRows(table, '/p', 1)[1]).toEqual({
    kind: 'run',
    key: '/p/b',
    id: 'b',
    index: 5,
    depth: 1,
    cells: { 'metric.x': 'NaN' },
  });
});

test('a group opens to the runs that have its value', () => {
  const group = { values: ['adam'], count: 2, running: 0, metrics: {} };
  const path = [{ column: 'param.optimizer', is: 'adam' }];
  const row = { kind: 'group', key: '/g', index: 0, depth: 0, path, group } as const;
  const inner = below(row, {
    selection: { experiments: ['1'], q: 'x' },
    group: ['param.optimizer', 'tag.t'],
    path: [],
  });
  expect(inner).toEqual({ selection: { experiments: ['1'], q: 'x', where: path }, group: ['tag.t'], path });
});
