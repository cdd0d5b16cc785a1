import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import type { RunsTableRequest } from '../../../api/types';
import { groupSort, type Question } from './fetchWindow';
import { RowStore } from './RowStore';

const question: Question = {
  selection: { experiments: ['1'] },
  sort: [],
  columns: ['attribute.run_name'],
  group: [],
  aggregate: 'mean',
  epoch: 0,
};

/** A server with so many runs, named after their places. */
function serve(total: number) {
  const asked: RunsTableRequest[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as RunsTableRequest;
    asked.push(body);
    const from = body.parent ? 0 : body.offset;
    const count = body.parent ? 2 : Math.max(0, Math.min(body.limit, total - from));
    const ids = Array.from({ length: count }, (_unused, i) => `${body.parent ?? ''}r${from + i}`);
    return Response.json({
      total: body.parent ? 2 : total,
      offset: from,
      generation: `g${body.parent ?? ''}`,
      ids,
      columns: { 'attribute.run_name': ids },
    });
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const name = (store: RowStore, at: number) => {
  const row = store.rowAt(at);
  return row.kind === 'run' ? row.id : row.kind;
};

test('windows come as they are seen, in the order of the first', async () => {
  const asked = serve(100_000);
  const store = new RowStore(new QueryClient(), question);
  store.start();
  await vi.waitFor(() => expect(name(store, 0)).toBe('r0'));
  expect(store.count).toBe(100_000);
  expect(name(store, 99_999)).toBe('blank');
  store.see(99_960, 100_000);
  await vi.waitFor(() => expect(name(store, 99_999)).toBe('r99999'));
  expect(asked.map(({ offset, generation }) => [offset, generation])).toEqual([
    [0, null],
    [99_800, 'g'],
  ]);
  store.stop();
});

test('rows open in their place and close again', async () => {
  serve(10);
  const store = new RowStore(new QueryClient(), question);
  store.start();
  await vi.waitFor(() => expect(store.count).toBe(10));
  store.toggle(3);
  await vi.waitFor(() => expect(name(store, 5)).toBe('r3r1'));
  expect(store.count).toBe(12);
  expect(name(store, 6)).toBe('r4');
  expect(await store.idsBetween(6, 2)).toEqual(['r2', 'r3', 'r3r0', 'r3r1', 'r4']);
  store.toggle(3);
  expect(store.count).toBe(10);
  store.stop();
});

test('values change in place', async () => {
  serve(3);
  const store = new RowStore(new QueryClient(), question);
  store.start();
  await vi.waitFor(() => expect(store.count).toBe(3));
  const before = store.rowAt(0);
  store.patch(new Map([['r1', { 'metric.loss': 1 }]]));
  expect(store.rowAt(0)).toBe(before);
  const row = store.rowAt(1);
  expect(row.kind === 'run' && row.cells).toEqual({ 'attribute.run_name': 'r1', 'metric.loss': 1 });
  store.stop();
});

test('groups are sorted by what is shown of them', () => {
  expect(groupSort([{ column: 'metric.loss', descending: true }], 'param.a', 'median')).toEqual([
    { column: 'metric.loss', descending: true, aggregate: 'median' },
  ]);
  expect(groupSort([{ column: 'attribute.start_time', descending: true }], 'param.a', 'mean')).toEqual([
    { column: 'count', descending: true },
  ]);
});
