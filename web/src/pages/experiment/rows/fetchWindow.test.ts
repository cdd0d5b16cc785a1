import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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

/** A server with so many runs, named after their places; so many others may stand before them. */
function serve(total: number, generation = (parent: string) => `g${parent}`, shift = () => 0) {
  const asked: RunsTableRequest[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as RunsTableRequest;
    asked.push(body);
    const from = body.parent ? 0 : body.offset;
    const count = body.parent ? 2 : Math.max(0, Math.min(body.limit, total - from));
    const ids = Array.from({ length: count }, (_unused, i) => {
      const place = from + i - shift();
      return place < 0 ? `new${place}` : `${body.parent ?? ''}r${place}`;
    });
    return Response.json({
      total: body.parent ? 2 : total,
      offset: from,
      generation: generation(body.parent ?? ''),
      ids,
      columns: { 'attribute.run_name': ids },
    });
  });
  return asked;
}

/** All that the table asks for by itself has come. */
const settled = () => vi.advanceTimersByTimeAsync(5_000);

beforeEach(() => void vi.useFakeTimers());

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

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

test('servers that do not know each other’s lists make nobody read for ever, and no row goes', async () => {
  // Each answer comes from another server: none knows the list that is named.
  let made = 0;
  const asked = serve(1_000, () => `g${(made += 1)}`);
  const store = new RowStore(new QueryClient(), question);
  store.start();
  await vi.waitFor(() => expect(name(store, 0)).toBe('r0'));
  const seen: string[] = [];
  store.subscribe(() => seen.push(name(store, 199)));
  store.see(190, 230);
  await vi.waitFor(() => expect(name(store, 229)).toBe('r229'));
  await settled();
  expect(asked.length).toBeLessThan(10);
  expect(new Set(seen)).toEqual(new Set(['r199']));
  const before = asked.length;
  store.see(790, 830);
  await vi.waitFor(() => expect(name(store, 829)).toBe('r829'));
  await settled();
  // The two windows in sight, and nothing once more.
  expect(asked.length - before).toBe(2);
  expect(store.count).toBe(1_000);
  store.stop();
});

test('a run that came in another list stands where the newer one has it, and the older window is read once more', async () => {
  let made = 0;
  let shift = 0;
  const asked = serve(
    1_000,
    () => `g${(made += 1)}`,
    () => shift,
  );
  const store = new RowStore(new QueryClient(), question);
  store.start();
  await vi.waitFor(() => expect(name(store, 0)).toBe('r0'));
  store.see(190, 230);
  await vi.waitFor(() => expect(name(store, 229)).toBe('r229'));
  await settled();
  shift = 2; // Two new runs at the top.
  store.see(390, 430);
  await vi.waitFor(() => expect(name(store, 429)).toBe('r427'));
  store.see(190, 430);
  await settled();
  const ids = Array.from({ length: 230 }, (_, i) => name(store, 200 + i));
  expect(new Set(ids).size).toBe(ids.length);
  expect(asked.length).toBeLessThan(14);
  store.stop();
});

test('a range is read also where the reader does not look', async () => {
  const asked = serve(5_000);
  const real = globalThis.fetch;
  // As slow as the reader is quick: what is taken back does not come.
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const { offset } = JSON.parse(String(init.body)) as RunsTableRequest;
    if (offset > 0) await new Promise((done) => setTimeout(done, 150));
    init.signal?.throwIfAborted();
    return real(url, init);
  });
  const store = new RowStore(new QueryClient(), question);
  store.start();
  await vi.waitFor(() => expect(name(store, 0)).toBe('r0'));
  const ids = store.idsBetween(10, 1_100);
  store.see(4_000, 4_040);
  const [found] = await Promise.all([ids, settled()]);
  expect(found).toEqual(Array.from({ length: 1_091 }, (_, i) => `r${10 + i}`));
  expect(asked.length).toBeLessThan(10);
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
