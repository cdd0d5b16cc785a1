import { expect, test, vi } from 'vitest';
import type { SeriesRequest } from '../../api/types';
import { SeriesBatcher } from './batch';
import { rawSeries } from './data';

const none = new Float64Array(0);
const answer = (request: SeriesRequest) =>
  request.runs.flatMap((run) =>
    request.keys.map((key) =>
      rawSeries({ run, key, total: 0, in_range: 0, raw: true, nan: 0, inf: 0, length: 0 }, none, none),
    ),
  );
const question = (runs: string[], ...keys: string[]): SeriesRequest => ({
  runs,
  keys,
  x: 'step',
  width: 512,
});

test('charts of the same runs are one call, each gets its own series', async () => {
  const send = vi.fn(async (request: SeriesRequest) => answer(request));
  const batcher = new SeriesBatcher(send);
  const [loss, lr, other] = await Promise.all([
    batcher.load(question(['a', 'b'], 'loss')),
    batcher.load(question(['a', 'b'], 'lr')),
    batcher.load(question(['c'], 'loss')),
  ]);
  expect(send.mock.calls.map(([request]) => request.keys)).toEqual([['loss', 'lr'], ['loss']]);
  expect(loss.map((one) => one.key)).toEqual(['loss', 'loss']);
  expect(lr.map((one) => one.run)).toEqual(['a', 'b']);
  expect(other).toHaveLength(1);
});

test('a screen of charts is several calls, so that the first need not wait for the last', async () => {
  const send = vi.fn(async (request: SeriesRequest) => answer(request));
  const batcher = new SeriesBatcher(send);
  await Promise.all(Array.from({ length: 25 }, (_, i) => batcher.load(question(['a'], `m${i}`))));
  expect(send.mock.calls.map(([request]) => request.keys.length)).toEqual([10, 10, 5]);
});

test('more runs than a call may have are several calls', async () => {
  const send = vi.fn(async (request: SeriesRequest) => answer(request));
  const runs = Array.from({ length: 450 }, (_, i) => String(i));
  expect(await new SeriesBatcher(send).load(question(runs, 'loss'))).toHaveLength(450);
  expect(send.mock.calls.map(([request]) => request.runs.length)).toEqual([200, 200, 50]);
});

test('a call ends when nobody waits for it any more', async () => {
  let callSignal: AbortSignal | undefined;
  const batcher = new SeriesBatcher((_, signal) => {
    callSignal = signal;
    return new Promise(() => undefined);
  });
  const [first, second] = [new AbortController(), new AbortController()];
  const loads = [
    batcher.load(question(['a'], 'loss'), first.signal),
    batcher.load(question(['a'], 'lr'), second.signal),
  ].map((one) => one.catch(() => 'gone'));
  await vi.waitFor(() => expect(callSignal).toBeDefined());
  first.abort();
  expect(callSignal?.aborted).toBe(false);
  second.abort();
  expect(callSignal?.aborted).toBe(true);
  expect(await Promise.all(loads)).toEqual(['gone', 'gone']);
});
