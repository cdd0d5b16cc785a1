import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Change, ChangeFeed } from './changes';

class FakeSource extends EventTarget {
  isClosed = false;
  constructor(readonly address: string) {
    super();
  }
  close() {
    this.isClosed = true;
  }
}

let sources: FakeSource[];
let feed: ChangeFeed;
let visibility: DocumentVisibilityState;
let stops: (() => void)[];

const latest = () => sources[sources.length - 1] as FakeSource;
const listen = (experiments: string[], runs: string[]) => {
  const changes: Change[] = [];
  const stop = feed.listen({ experiments, runs, onChange: (change) => changes.push(change) });
  stops.push(stop);
  vi.advanceTimersByTime(210);
  return { changes, stop };
};
const hint = (data: unknown) =>
  latest().dispatchEvent(new MessageEvent('change', { data: JSON.stringify(data) }));

beforeEach(() => {
  vi.useFakeTimers();
  visibility = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility);
  sources = [];
  stops = [];
  feed = new ChangeFeed((address) => {
    const source = new FakeSource(address);
    sources.push(source);
    return source as unknown as EventSource;
  });
});

afterEach(() => {
  for (const stop of stops) stop();
  vi.advanceTimersByTime(210);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('all listeners share one connection, and each hears only its own', () => {
  const first = listen(['1'], []);
  const second = listen([], ['a']);
  expect(sources.filter((one) => !one.isClosed)).toHaveLength(1);
  expect(new URL(latest().address).search).toBe('?experiments=1&runs=a');
  hint({ runs: [{ run_id: 'b', experiment_id: '1', what: ['metrics'] }], experiments: ['1'] });
  expect(first.changes.map((one) => one.runs.length)).toEqual([1]);
  expect(second.changes).toEqual([]);
});

test('without a connection it guesses, more and more rarely', () => {
  const { changes } = listen(['1'], []);
  latest().dispatchEvent(new Event('error'));
  expect(feed.state()).toBe('polling');
  vi.advanceTimersByTime(5_000);
  expect(changes).toHaveLength(1);
  expect(changes[0]?.isGuess).toBe(true);
});

test('it connects again, and reads what it missed', () => {
  const { changes } = listen(['1'], []);
  latest().dispatchEvent(new Event('error'));
  vi.advanceTimersByTime(2_000);
  expect(sources).toHaveLength(2);
  latest().dispatchEvent(new Event('open'));
  expect(feed.state()).toBe('live');
  vi.advanceTimersByTime(210);
  expect(changes).toHaveLength(1);
});

test('a hidden tab asks nothing; shown again it reads at once', () => {
  const { changes } = listen(['1'], []);
  visibility = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  expect(latest().isClosed).toBe(true);
  vi.advanceTimersByTime(600_000);
  expect(changes).toEqual([]);
  visibility = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  expect(sources).toHaveLength(2);
  latest().dispatchEvent(new Event('open'));
  vi.advanceTimersByTime(2_000);
  // After the connection, so that nothing is missed before it, and once.
  expect(changes).toHaveLength(1);
});

test('shown again, a page without a connection does not wait for one', () => {
  const { changes } = listen(['1'], []);
  visibility = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  visibility = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  vi.advanceTimersByTime(400);
  expect(changes).toHaveLength(1);
});

test('what happened between the first reading and the connection is read, once', () => {
  const { changes } = listen(['1'], []);
  latest().dispatchEvent(new Event('open'));
  expect(changes).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(changes.map((one) => one.isGuess)).toEqual([true]);
});

test('another address is listened to before the old one is left, and only the newcomer reads again', () => {
  const first = listen(['1'], []);
  const old = latest();
  old.dispatchEvent(new Event('open'));
  vi.advanceTimersByTime(2_000);
  const second = listen([], ['a']);
  expect(old.isClosed).toBe(false);
  expect(feed.state()).toBe('live');
  old.dispatchEvent(
    new MessageEvent('change', {
      data: JSON.stringify({
        runs: [{ run_id: 'b', experiment_id: '1', what: ['tags'] }],
        experiments: ['1'],
      }),
    }),
  );
  latest().dispatchEvent(new Event('open'));
  expect(old.isClosed).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(first.changes.map((one) => one.isGuess)).toEqual([true, false]);
  expect(second.changes.map((one) => one.isGuess)).toEqual([true]);
});

test('where news were lost, everybody reads again', () => {
  const first = listen(['1'], []);
  const second = listen([], ['a']);
  hint({ runs: [], experiments: [], all: true });
  expect(first.changes).toEqual([{ runs: [], experiments: ['1'], isGuess: true }]);
  expect(second.changes).toEqual([{ runs: [], experiments: [], isGuess: true }]);
});

test('an experiment without its runs changed as a whole', () => {
  const first = listen(['1'], []);
  const second = listen(['2'], []);
  const third = listen([], ['a']);
  hint({ runs: [{ run_id: 'b', experiment_id: '2', what: ['tags'] }], experiments: ['1', '2'] });
  expect(first.changes.map((one) => one.isGuess)).toEqual([true]);
  expect(second.changes.map((one) => [one.isGuess, one.runs.length])).toEqual([[false, 1]]);
  expect(third.changes.map((one) => one.isGuess)).toEqual([true]);
});

test('nobody listening, nothing open', () => {
  const { stop } = listen(['1'], []);
  stop();
  vi.advanceTimersByTime(210);
  expect(latest().isClosed).toBe(true);
  expect(feed.state()).toBe('idle');
});
