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
  vi.advanceTimersByTime(60);
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
  vi.advanceTimersByTime(60);
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
  expect(changes).toHaveLength(1);
  expect(sources).toHaveLength(2);
});

test('nobody listening, nothing open', () => {
  const { stop } = listen(['1'], []);
  stop();
  vi.advanceTimersByTime(60);
  expect(latest().isClosed).toBe(true);
  expect(feed.state()).toBe('idle');
});
