import { afterEach, expect, test, vi } from 'vitest';
import type { RunSelection } from '../api/types';
import { comparedSelection, missingOf } from '../pages/compare/useComparedRuns';
import { comparisonAddress, parseStoredRuns } from './comparison';

afterEach(() => vi.unstubAllGlobals());

const ids = (count: number) => Array.from({ length: count }, (_, i) => i.toString(16).padStart(32, '0'));

/** A server that stores states of pages. */
function serve() {
  const stored: unknown[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    stored.push((JSON.parse(String(init.body)) as { state: unknown }).state);
    return Response.json({ id: '3f9a0c12bd4e' });
  });
  return stored;
}

test('few runs, and a filter of active ones, are in the address', async () => {
  const stored = serve();
  expect(await comparisonAddress({ ids: ['a', 'b'], view: 'all' })).toBe('/compare?runs=a%2Cb');
  expect(await comparisonAddress({ experiments: ['1', '2'], q: 'metrics.a > 1', view: 'active' })).toBe(
    '/compare?q=metrics.a+%3E+1&experiments=1%2C2',
  );
  expect(stored).toEqual([]);
});

test('words, deleted runs and times are not lost: such a question is stored', async () => {
  const stored = serve();
  const questions: RunSelection[] = [
    { experiments: ['1'], search: 'brave', view: 'active' },
    { experiments: ['1'], view: 'deleted' },
    { experiments: ['1'], view: 'active', started_after: 1_700_000_000_000 },
  ];
  for (const question of questions) {
    expect(await comparisonAddress(question)).toBe('/compare?v=3f9a0c12bd4e');
    expect(parseStoredRuns(stored.at(-1))?.selection).toEqual(question);
  }
});

test('an address of thousands of runs is short, and 1,000 of them are compared', async () => {
  const stored = serve();
  expect(await comparisonAddress({ ids: ids(4_000), view: 'all' })).toBe('/compare?v=3f9a0c12bd4e');
  const state = stored.at(-1);
  expect(parseStoredRuns(state)?.selection.ids).toHaveLength(1_000);
  expect(parseStoredRuns(state)?.count).toBe(4_000);
  // What the server takes as a state.
  expect(JSON.stringify(state).length).toBeLessThan(64 * 1024);
});

test('where nothing can be stored the runs of now are in the address', async () => {
  vi.stubGlobal('fetch', async (url: string) =>
    url.includes('/views')
      ? Response.json({ error_code: 'FEATURE_DISABLED', message: 'no' }, { status: 501 })
      : Response.json({ total: 2, offset: 0, generation: 'g', ids: ['a', 'b'], columns: {} }),
  );
  expect(await comparisonAddress({ experiments: ['1'], search: 'x' })).toBe('/compare?runs=a%2Cb');
});

test('a view of something else names no runs', () => {
  expect(parseStoredRuns({ query: 'q=1' })).toBeNull();
  expect(parseStoredRuns(null)).toBeNull();
  expect(parseStoredRuns({ selection: { ids: [1] } })).toBeNull();
});

test('runs that are above the most are not missing', () => {
  const wanted = ids(1_200);
  const { ids: asked = [] } = comparedSelection({ runs: wanted, q: '', experiments: [] });
  expect(asked).toHaveLength(1_000);
  expect(missingOf(wanted, asked.slice(1))).toEqual([wanted[0]]);
});
