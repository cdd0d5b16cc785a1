import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change } from '../../api/events';
import type { SeriesRequest } from '../../api/types';
import { rawSeries, type SeriesData } from './data';
import { SeriesFollower } from './follow';
import { seriesBatcher, type SeriesQuestion } from './useSeries';

const question: SeriesQuestion = {
  runs: ['a', 'b'],
  keys: ['loss'],
  x: 'step',
  from: null,
  to: null,
  width: 512,
};
const queryKey = ['series', question];

let client: QueryClient;
let follower: SeriesFollower;
let stop: () => void;
let asked: SeriesRequest[];
/** How many points each run has by now. */
let points: number;
let gate: Promise<void>;
let release: () => void;

function pointsOf(run: string, from: number): SeriesData {
  const x = Float64Array.from({ length: points - from }, (_, i) => from + i);
  const head = {
    run,
    key: 'loss',
    total: points,
    in_range: x.length,
    raw: true,
    nan: 0,
    inf: 0,
    length: x.length,
  };
  return rawSeries(head, x, x);
}

const told = (runs: string[]): Change => ({
  runs: runs.map((run_id) => ({ run_id, experiment_id: '1', metrics: ['loss'], what: ['metrics'] })),
  experiments: ['1'],
  isGuess: false,
});
const lengths = () => client.getQueryData<SeriesData[]>(queryKey)?.map((one) => [one.run, one.x.length]);
const settled = () => vi.advanceTimersByTimeAsync(10_000);

beforeEach(async () => {
  vi.useFakeTimers();
  points = 10;
  asked = [];
  gate = Promise.resolve();
  vi.spyOn(seriesBatcher, 'load').mockImplementation(async (request) => {
    asked.push(request);
    const answer = request.runs.map((run) => pointsOf(run, request.from ?? 0));
    await gate;
    return answer;
  });
  client = new QueryClient();
  follower = new SeriesFollower(client);
  const observer = new QueryObserver<SeriesData[]>(client, {
    queryKey,
    queryFn: () => seriesBatcher.load({ ...question }),
  });
  stop = observer.subscribe(() => undefined);
  await settled();
  asked = [];
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const hold = () => (gate = new Promise((done) => (release = done)));

test('new points are added, of the runs that have some', async () => {
  points = 12;
  follower.follow(told(['a']), new Set());
  await settled();
  expect(lengths()).toEqual([
    ['a', 12],
    ['b', 10],
  ]);
  expect(asked.map(({ runs, keys, from }) => [runs, keys, from])).toEqual([[['a'], ['loss'], 9]]);
});

test('what changes while a chart is read is read once more when that has ended, and not by the clock', async () => {
  hold();
  points = 11;
  follower.follow(told(['a']), new Set());
  for (let i = 0; i < 20; i += 1) {
    points += 1;
    follower.follow(told(i % 2 ? ['a'] : ['b']), new Set());
    await vi.advanceTimersByTimeAsync(700);
  }
  expect(asked).toHaveLength(1);
  release();
  await settled();
  expect(asked).toHaveLength(2);
  expect(lengths()).toEqual([
    ['a', 31],
    ['b', 31],
  ]);
});

test('also when the chart was being read as a whole', async () => {
  hold();
  void client.invalidateQueries({ queryKey });
  await vi.advanceTimersByTimeAsync(1);
  points = 15;
  follower.follow(told(['a', 'b']), new Set());
  expect(asked).toHaveLength(1);
  release();
  await settled();
  expect(asked).toHaveLength(2);
  expect(lengths()).toEqual([
    ['a', 15],
    ['b', 15],
  ]);
});

test('nothing is read for a page that is left, or hidden', async () => {
  const visibility = vi.spyOn(document, 'visibilityState', 'get');
  for (const end of [() => visibility.mockReturnValue('hidden'), () => follower.stop()]) {
    hold();
    asked = [];
    points += 1;
    visibility.mockReturnValue('visible');
    follower.follow(told(['a']), new Set());
    follower.follow(told(['a']), new Set());
    end();
    release();
    await settled();
    expect(asked).toHaveLength(1);
  }
});
