import { afterEach, expect, it, vi } from 'vitest';
import { runsSchema, selectionOf } from '../runs/runsState';
import { parseState } from '../url/codec';
import { askEarly, earlyCalls, forgetEarly, takeEarly } from './early';

const called = (path: string, query = '') =>
  earlyCalls(path, new URLSearchParams(query)).map((call) => `${call.method} ${call.path}`);

afterEach(() => vi.unstubAllGlobals());

it('keeps an answer until it is taken, and forgets all of them with another login', () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('{}')));
  const session = new URL('api/oxflow/v1/session', document.baseURI).href;
  askEarly('/', new URLSearchParams());
  expect(takeEarly('GET', session, undefined)).toBeInstanceOf(Promise);
  expect(takeEarly('GET', session, undefined)).toBeUndefined();
  askEarly('/', new URLSearchParams());
  forgetEarly();
  expect(takeEarly('GET', session, undefined)).toBeUndefined();
});

it('asks for what the page of an address needs first', () => {
  expect(called('/')).toEqual(['GET api/oxflow/v1/experiments/summary?view=active']);
  expect(called('/experiments/1')).toEqual([
    'POST api/oxflow/v1/runs/keys',
    'GET ajax-api/2.0/mlflow/experiments/get?experiment_id=1',
  ]);
  expect(called('/runs/abc')).toEqual([
    'GET ajax-api/2.0/mlflow/runs/get?run_id=abc',
    'POST api/oxflow/v1/runs/table',
    'POST api/oxflow/v1/metrics/stats',
  ]);
  expect(called('/about')).toEqual([]);
});

it('asks the same as the table does', () => {
  const state = parseState(runsSchema, new URLSearchParams('sort=metric.loss'));
  const [keys] = earlyCalls('/experiments/1', new URLSearchParams('sort=metric.loss'));
  const selection = selectionOf(['1'], state, 0);
  const asked = { ...selection, kinds: ['metric', 'param', 'tag', 'dataset'], limit: 10_000 };
  expect(JSON.stringify(keys?.body)).toBe(JSON.stringify(asked));
});

it('does not guess what a filter means', () => {
  for (const query of ['q=metrics.loss<1', 'search=x', 'view=deleted', 'hours=1', 'v=3f9a0c12bd4e'])
    expect(called('/experiments/1', query)).toEqual([
      'GET ajax-api/2.0/mlflow/experiments/get?experiment_id=1',
    ]);
  expect(called('/', 'view=deleted')).toEqual([]);
});
