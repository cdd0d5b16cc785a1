import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PurgeKept } from '../api/types';
import { deletedRuns, partsOf, purge, type Purged, purgedInWords } from './purge';

/** What the server has in its trash, and what it does not let go, by id. */
let trash: string[];
let stays: Map<string, string>;
let asked: { path: string; body: Record<string, unknown> }[];
/** Called before each answer. */
let before: (path: string) => void;

const ids = (count: number) => Array.from({ length: count }, (_, i) => `run-${i}`);
const kept = (kind: PurgeKept['kind'], id: string, message: string): PurgeKept => ({
  kind,
  id,
  error_code: 'INVALID_STATE',
  message,
});

function answer(path: string, body: Record<string, unknown>): unknown {
  if (path.endsWith('/runs/table')) {
    const { offset, limit, view } = body as { offset: number; limit: number; view: string };
    const found = view === 'deleted' ? trash : [];
    return { total: found.length, generation: 'g', ids: found.slice(offset, offset + limit), columns: {} };
  }
  if (path.endsWith('/experiments/get')) return { experiment: { lifecycle_stage: 'deleted' } };
  const named = (body.run_ids as string[] | undefined) ?? trash;
  if (named.length > 500) throw new Error('more than the server takes');
  const held = named.filter((id) => stays.has(id));
  const gone = named.filter((id) => !stays.has(id) && trash.includes(id));
  trash = trash.filter((id) => !gone.includes(id));
  const isExperiment = path.endsWith('/experiments/purge');
  return {
    runs: gone.length,
    logged_models: 0,
    experiments: isExperiment && held.length === 0 ? 1 : 0,
    kept: [
      ...held.map((id) => kept('run', id, stays.get(id) ?? '')),
      ...(isExperiment && held[0] ? [kept('experiment', '7', `its run ${held[0]} stays`)] : []),
    ],
  };
}

beforeEach(() => {
  trash = [];
  stays = new Map();
  asked = [];
  before = () => {};
  vi.stubGlobal('fetch', (href: string, init: RequestInit) => {
    const path = new URL(href).pathname;
    const body = JSON.parse((init.body as string | undefined) ?? '{}') as Record<string, unknown>;
    asked.push({ path, body });
    before(path);
    return Promise.resolve(Response.json(answer(path, body)));
  });
});
afterEach(() => vi.unstubAllGlobals());

const sizes = () =>
  asked.filter(({ path }) => path.endsWith('/runs/purge')).map(({ body }) => (body.run_ids as []).length);

it('finds what is deleted, window by window', async () => {
  trash = ids(2500);
  expect(await deletedRuns({ experiments: ['1'], view: 'all' })).toEqual(trash);
  expect(asked.map(({ body }) => [body.offset, body.generation])).toEqual([
    [0, null],
    [1000, 'g'],
    [2000, 'g'],
  ]);
  // The last window is full: another one says that there is no more.
  trash = ids(1000);
  expect(await deletedRuns({ experiments: ['1'] })).toHaveLength(1000);
});

it('names each run once, in parts', () => {
  expect(partsOf([])).toEqual([]);
  expect(partsOf(['a', 'b', 'a'])).toEqual([{ runs: ['a', 'b'] }]);
  const parts = partsOf(ids(450)).map(({ runs }) => runs);
  expect(parts.map((part) => part.length)).toEqual([200, 200, 50]);
  expect(parts.flat()).toEqual(ids(450));
});

it('removes runs in parts, and says what stays', async () => {
  trash = ids(450);
  stays.set('run-3', 'version wine/1 of a registered model comes from it');
  const purged = await purge({ runs: ids(450) }, 'label');
  expect(sizes()).toEqual([200, 200, 50]);
  expect(trash).toEqual(['run-3']);
  expect(purged).toMatchObject({ runs: 449, error: null, isCancelled: false });
  expect(purgedInWords(purged)).toBe(
    'Deleted 449 runs for good. Run run-3 stays: version wine/1 of a registered model comes from it.',
  );
});

it('does not say that something stays which is gone already', async () => {
  const missing = { ...kept('run', 'b', 'there is none of this id'), error_code: 'RESOURCE_DOES_NOT_EXIST' };
  vi.stubGlobal('fetch', () =>
    Promise.resolve(Response.json({ runs: 1, logged_models: 0, experiments: 0, kept: [missing] })),
  );
  expect(await purge({ runs: ['a', 'b'] }, 'label')).toMatchObject({ runs: 1, kept: [] });
});

it('stops at a refusal, and knows what went before', async () => {
  trash = ids(450);
  before = () => {
    if (sizes().length === 2) throw new TypeError('the connection broke');
  };
  const purged = await purge({ runs: ids(450) }, 'label');
  expect(purged.runs).toBe(200);
  expect(purgedInWords(purged)).toBe(
    'Deleted 200 runs for good. The server does not answer; more may be gone.',
  );
});

it('removes a small experiment by one request, the runs of a large one before it', async () => {
  trash = ids(3);
  expect(await purge({ experiments: ['7'] }, 'label')).toMatchObject({ runs: 3, experiments: ['7'] });
  expect(sizes()).toEqual([]);
  trash = ids(250);
  expect(await purge({ experiments: ['7'] }, 'label')).toMatchObject({ runs: 250, experiments: ['7'] });
  expect(sizes()).toEqual([200, 50]);
});

it('tells of a run that stays once, and of its experiment', async () => {
  trash = ids(250);
  stays.set('run-0', 'it is not deleted');
  const purged = await purge({ experiments: ['7'] }, 'label');
  expect(purged.experiments).toEqual([]);
  expect(purged.kept.map(({ kind, id }) => [kind, id])).toEqual([
    ['run', 'run-0'],
    ['experiment', '7'],
  ]);
  expect(purgedInWords(purged)).toBe('Deleted 249 runs for good. 1 experiment and 1 run stay.');
});

it('says what was done in words', () => {
  const purged: Purged = {
    runs: 0,
    loggedModels: 0,
    experiments: [],
    kept: [],
    error: null,
    isCancelled: false,
  };
  expect(purgedInWords({ ...purged, runs: 1 })).toBe('Deleted 1 run for good.');
  expect(purgedInWords({ ...purged, runs: 1200, loggedModels: 1, experiments: ['1', '2'] })).toBe(
    'Deleted 2 experiments, 1,200 runs and 1 logged model for good.',
  );
  expect(purgedInWords({ ...purged, runs: 200, isCancelled: true })).toBe(
    'Deleted 200 runs for good. The rest was left.',
  );
  expect(purgedInWords({ ...purged, error: new Error('no way') })).toBe('Nothing was deleted. no way');
  expect(purgedInWords({ ...purged, kept: [kept('logged_model', 'm-1', 'it is not deleted')] })).toBe(
    'Nothing was deleted. Logged model m-1 stays: it is not deleted.',
  );
});
