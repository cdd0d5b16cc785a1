import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change } from '../../api/events';
import type { Run } from '../../api/mlflow';
import type { MetricStats } from '../../api/types';
import { ChangeQueue } from '../../api/changeQueue';
import { readChange } from './liveRun';

let client: QueryClient;
let asked: string[][];

const stats = (key: string, last: number): MetricStats => ({
  run: 'a',
  key,
  count: 1,
  last,
  last_step: last,
  last_time: 1,
  first_time: 1,
  min: last,
  min_step: 0,
  max: last,
  max_step: 0,
  nan: 0,
  inf: 0,
});
const metric = (key: string, value: number) => ({ key, value, step: value, timestamp: 1 });

const change = (run: Partial<Change['runs'][number]>, isGuess = false): Change => ({
  runs: [{ run_id: 'a', experiment_id: '1', what: ['metrics'], ...run }],
  experiments: ['1'],
  isGuess,
});

const QUERIES = [
  ['runs/get', 'a'],
  ['metrics/stats', 'a'],
  ['artifacts/list', 'a', ''],
  ['series', 'sparklines', 'a', ['loss', 'lr']],
  ['series', 'sparklines', 'a', ['other']],
  ['runs/search', 'children', '1', 'a'],
  ['runs/table', 'relations', 'a'],
];
const told = () =>
  QUERIES.filter((queryKey) => client.getQueryState(queryKey)?.isInvalidated).map((key) => key.join(' '));

beforeEach(() => {
  client = new QueryClient();
  asked = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const { keys } = JSON.parse(String(init.body)) as { keys: string[] };
    asked.push(keys);
    return Response.json({ stats: keys.map((key) => stats(key, 9)) });
  });
  for (const key of QUERIES) client.setQueryData(key, {});
  client.setQueryData(['artifacts/list', 'a', ''], { tookMs: 0 });
  client.setQueryData(['metrics/stats', 'a'], [stats('loss', 1), stats('lr', 1)]);
  client.setQueryData(['runs/get', 'a'], { data: { metrics: [metric('loss', 1), metric('lr', 1)] } });
  client.setQueryData(['runs/search', 'children', '1', 'a'], { runs: [{ info: { run_id: 'child' } }] });
});

afterEach(() => vi.unstubAllGlobals());

test('new points are read by their keys, and nothing else is', async () => {
  await readChange(client, 'a', change({ metrics: ['loss', 'new'] }));
  expect(asked).toEqual([['loss', 'new']]);
  expect(told()).toEqual(['series sparklines a loss,lr']);
  const all = client.getQueryData<MetricStats[]>(['metrics/stats', 'a']);
  expect(all?.map(({ key, last }) => [key, last])).toEqual([
    ['loss', 9],
    ['lr', 1],
    ['new', 9],
  ]);
  const run = client.getQueryData<Run>(['runs/get', 'a']);
  expect(run?.data.metrics).toEqual([metric('loss', 9), metric('lr', 1), metric('new', 9)]);
});

test('a run that ends is read again, and its files', async () => {
  await readChange(client, 'a', change({ what: ['status'] }));
  expect(told()).toEqual(['runs/get a', 'artifacts/list a ']);
  expect(asked).toEqual([]);
});

test('a guess leaves a large folder alone, a run that ends does not', async () => {
  client.setQueryData(['artifacts/list', 'a', ''], { tookMs: 5_000 });
  await readChange(client, 'a', { runs: [], experiments: [], isGuess: true });
  expect(told()).not.toContain('artifacts/list a ');
  await readChange(client, 'a', change({ what: ['status'] }));
  expect(told()).toContain('artifacts/list a ');
});

test('a guess reads all there is', async () => {
  await readChange(client, 'a', { runs: [], experiments: [], isGuess: true });
  expect(told()).toHaveLength(QUERIES.length);
});

test('children are read again when one of them changed, or another may be there', async () => {
  await readChange(client, 'a', change({ run_id: 'stranger' }));
  expect(told()).toEqual([]);
  await readChange(client, 'a', change({ run_id: 'child', what: ['status'] }));
  expect(told()).toEqual(['runs/search children 1 a', 'runs/table relations a']);
});

test('changes wait for the one that is read, as one', async () => {
  const read: number[] = [];
  let release: () => void = () => undefined;
  const queue = new ChangeQueue(async (one) => {
    read.push(one.runs.length);
    await new Promise<void>((done) => (release = done));
  });
  for (let i = 0; i < 5; i += 1) queue.tell(change({}));
  expect(read).toEqual([1]);
  release();
  await vi.waitFor(() => expect(read).toEqual([1, 4]));
});
