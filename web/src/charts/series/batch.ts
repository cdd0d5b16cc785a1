/** Many charts ask at the same moment; the server is asked once for those with the same runs, axis, range and width. */

import type { SeriesRequest } from '../../api/types';
import type { SeriesData } from './data';

/** What one call may ask for: docs/api.md. */
const MOST_RUNS = 200;
/** Fewer keys than allowed, so that the first charts are drawn while the rest is read. */
const KEYS_PER_CALL = 10;
/** Charts of one screen mount within this time. */
const WINDOW_MS = 5;

interface Waiting {
  request: SeriesRequest;
  signal: AbortSignal | undefined;
  resolve: (series: SeriesData[]) => void;
  reject: (error: unknown) => void;
}

export type SendSeries = (request: SeriesRequest, signal: AbortSignal) => Promise<SeriesData[]>;

export class SeriesBatcher {
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: SendSeries) {}

  /** The series of a chart. Those of many runs come from several calls. */
  async load(request: SeriesRequest, signal?: AbortSignal): Promise<SeriesData[]> {
    const parts: Promise<SeriesData[]>[] = [];
    for (let i = 0; i < request.runs.length; i += MOST_RUNS) {
      parts.push(this.#enqueue({ ...request, runs: request.runs.slice(i, i + MOST_RUNS) }, signal));
    }
    return (await Promise.all(parts)).flat();
  }

  #enqueue(request: SeriesRequest, signal: AbortSignal | undefined): Promise<SeriesData[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, signal, resolve, reject });
      this.#timer ??= setTimeout(() => this.#flush(), WINDOW_MS);
    });
  }

  #flush() {
    this.#timer = undefined;
    const groups = new Map<string, Waiting[]>();
    for (const one of this.#waiting) {
      if (one.signal?.aborted) {
        one.reject(one.signal.reason);
        continue;
      }
      const { runs, x, from, to, width } = one.request;
      const same = JSON.stringify([runs, x, from ?? null, to ?? null, width]);
      groups.set(same, [...(groups.get(same) ?? []), one]);
    }
    this.#waiting = [];
    for (const group of groups.values()) for (const call of calls(group)) void this.#call(call);
  }

  async #call(group: readonly Waiting[]) {
    const first = group[0];
    if (!first) return;
    // The call goes on as long as one of its charts is waited for.
    const controller = new AbortController();
    let left = group.length;
    for (const one of group) {
      one.signal?.addEventListener('abort', () => {
        one.reject(one.signal?.reason);
        left -= 1;
        if (left === 0) controller.abort();
      });
    }
    const keys = [...new Set(group.flatMap((one) => one.request.keys))];
    try {
      const series = await this.send({ ...first.request, keys }, controller.signal);
      for (const one of group) {
        one.resolve(series.filter((found) => one.request.keys.includes(found.key)));
      }
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }
}

/** Cuts what waits into calls of some keys each; a chart is never cut. */
function calls(group: readonly Waiting[]): Waiting[][] {
  const found: Waiting[][] = [];
  let current: Waiting[] = [];
  let keys = new Set<string>();
  for (const one of group) {
    const both = new Set([...keys, ...one.request.keys]);
    if (current.length && both.size > KEYS_PER_CALL) {
      found.push(current);
      current = [];
      keys = new Set(one.request.keys);
    } else {
      keys = both;
    }
    current.push(one);
  }
  if (current.length) found.push(current);
  return found;
}
