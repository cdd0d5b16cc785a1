import { afterEach, expect, test, vi } from 'vitest';
import type { RunsTableRequest } from '../api/types';
import { fetchRunColumns } from './useRunColumns';

afterEach(() => vi.unstubAllGlobals());

/** A server with so many runs that tells of each column its own name and the run's. */
function serve(total: number, generation: () => string, shift = () => 0) {
  const asked: RunsTableRequest[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as RunsTableRequest;
    asked.push(body);
    const count = Math.max(0, Math.min(body.limit, total - body.offset));
    const moved = shift();
    const ids = body.ids
      ? [...body.ids].reverse()
      : Array.from({ length: count }, (_unused, i) => `r${body.offset + i - moved}`);
    const columns = Object.fromEntries(body.columns.map((one) => [one, ids.map((id) => `${one} of ${id}`)]));
    return Response.json({ total, offset: body.offset, generation: generation(), ids, columns });
  });
  return asked;
}

test('reading begins anew twice at most when the list is made anew', async () => {
  let made = 0;
  const asked = serve(2_500, () => `g${(made += 1)}`);
  const found = await fetchRunColumns({ experiments: ['1'] }, ['metric.a'], 10_000);
  expect(found.ids).toHaveLength(2_500);
  // Twice two windows, then all three.
  expect(asked.map(({ offset }) => offset)).toEqual([0, 1_000, 0, 1_000, 0, 1_000, 2_000]);
});

test('a run that slips into the next window of another list is there once', async () => {
  let made = 0;
  const asked = serve(
    2_500,
    () => `g${(made += 1)}`,
    // One more run at the top with each window.
    () => asked.length,
  );
  const found = await fetchRunColumns({ experiments: ['1'] }, ['metric.a'], 10_000);
  expect(new Set(found.ids).size).toBe(found.ids.length);
  expect(found.columns['metric.a']).toEqual(found.ids.map((id) => `metric.a of ${id}`));
});

test('more columns than one request may have are those of the same runs', async () => {
  const asked = serve(1_500, () => 'g');
  const columns = Array.from({ length: 250 }, (_, i) => `metric.${i}`);
  const found = await fetchRunColumns({ experiments: ['1'] }, columns, 10_000);
  expect(found.columns['metric.0']?.[1_234]).toBe('metric.0 of r1234');
  expect(found.columns['metric.249']?.[1_234]).toBe('metric.249 of r1234');
  expect(found.columns['metric.249']).toHaveLength(1_500);
  expect(Math.max(...asked.map((one) => one.columns.length))).toBe(200);
});
