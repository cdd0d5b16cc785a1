/** Series that are drawn, kept true while runs go on. */

import type { Query, QueryClient } from '@tanstack/react-query';
import type { Change } from '../../api/events';
import { lowerBound, type SeriesData } from './data';
import { mergeTail, tailFrom } from './merge';
import { requestOf, seriesBatcher, type SeriesQuestion } from './useSeries';

/** Changed metrics by their runs; `null`: any of them. */
type Changed = Map<string, ReadonlySet<string> | null>;

/** Reads what changed into every chart that is shown: new points only, where that is enough. */
export class SeriesFollower {
  /** What changed while a chart was being read, by the names of the queries. */
  readonly #pending = new Map<string, Changed>();
  readonly #busy = new Set<string>();
  #isStopped = false;

  constructor(private readonly client: QueryClient) {}

  follow(change: Change, running: ReadonlySet<string>) {
    if (this.#isStopped) return;
    const changed: Changed = new Map();
    for (const run of change.runs) {
      if (run.what.includes('metrics')) addTo(changed, run.run_id, run.metrics ? new Set(run.metrics) : null);
    }
    if (change.isGuess) for (const run of running) changed.set(run, null);
    if (changed.size === 0) return;
    for (const query of this.client.getQueryCache().findAll({ queryKey: ['series'], type: 'active' })) {
      const question = query.queryKey[1] as SeriesQuestion | string;
      if (typeof question === 'string') continue; // Sparklines.
      const own = partOf(changed, question);
      if (own.size === 0) continue;
      const all = this.#pending.get(query.queryHash) ?? new Map();
      this.#pending.set(query.queryHash, all);
      for (const [run, keys] of own) addTo(all, run, keys);
      void this.#go(query, question);
    }
  }

  /** Nobody looks any more. */
  stop() {
    this.#isStopped = true;
    this.#pending.clear();
  }

  /** One reading at a time for a chart: what comes meanwhile is read when it has ended. */
  async #go(query: Query, question: SeriesQuestion) {
    const { queryHash } = query;
    if (this.#busy.has(queryHash)) return;
    this.#busy.add(queryHash);
    try {
      // What is being read may have been written before the change.
      if (query.state.fetchStatus === 'fetching') await query.promise?.catch(() => undefined);
      for (let changed = this.#take(queryHash); changed; changed = this.#take(queryHash)) {
        await followOne(this.client, query.queryKey, question, changed);
      }
    } catch {
      // The next change, or guess, asks again.
    } finally {
      this.#busy.delete(queryHash);
    }
  }

  #take(queryHash: string): Changed | undefined {
    const changed = this.#pending.get(queryHash);
    this.#pending.delete(queryHash);
    // Shown again, the page reads everything anew.
    return document.visibilityState === 'hidden' ? undefined : changed;
  }
}

function addTo(changed: Changed, run: string, keys: ReadonlySet<string> | null) {
  const before = changed.get(run);
  const isAny = keys === null || before === null;
  changed.set(run, isAny ? null : new Set([...(before ?? []), ...keys]));
}

/** The part that a chart shows. */
function partOf(changed: Changed, question: SeriesQuestion): Changed {
  const part: Changed = new Map();
  for (const run of question.runs) {
    const keys = changed.get(run);
    if (keys === null) part.set(run, null);
    const own = question.keys.filter((key) => keys?.has(key));
    if (own.length) part.set(run, new Set(own));
  }
  return part;
}

async function followOne(
  client: QueryClient,
  queryKey: readonly unknown[],
  question: SeriesQuestion,
  changed: Changed,
) {
  const known = client.getQueryData<SeriesData[]>(queryKey) ?? [];
  const readAll = () => client.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
  const concerned = known.filter(({ run, key }) => changed.get(run) === null || changed.get(run)?.has(key));
  const named = [...changed.values()].reduce((sum, keys) => sum + (keys?.size ?? 0), 0);
  const found = concerned.filter(({ run }) => changed.get(run) !== null).length;
  const froms = concerned.map(tailFrom);
  const isWhole = question.from === null && question.to === null;
  // A series that nobody has seen yet, or a part of the axis: there is no end to add to.
  if (!isWhole || concerned.length === 0 || found < named || froms.includes(null)) return readAll();
  const isAny = [...changed.values()].includes(null);
  const keys = isAny
    ? question.keys
    : question.keys.filter((key) => concerned.some((one) => one.key === key));
  const from = Math.min(...(froms as number[]));
  const tails = await seriesBatcher.load(requestOf({ ...question, runs: [...changed.keys()], keys, from }));
  const next = withTails(client.getQueryData<SeriesData[]>(queryKey) ?? [], tails, question.width);
  if (next) client.setQueryData(queryKey, next);
  else await readAll();
}

/** All series with their tails; `null` if one of them must be read as a whole. */
export function withTails(
  series: readonly SeriesData[],
  tails: readonly SeriesData[],
  width: number,
): SeriesData[] | null {
  const isNew = (tail: SeriesData) => !series.some((one) => one.run === tail.run && one.key === tail.key);
  if (tails.some((tail) => tail.total > 0 && isNew(tail))) return null;
  const found: SeriesData[] = [];
  for (const old of series) {
    const tail = tails.find((one) => one.run === old.run && one.key === old.key);
    if (!tail) {
      found.push(old);
      continue;
    }
    const own = tailOf(tail, tailFrom(old));
    const merged = own && mergeTail(old, own, width);
    if (!merged) return null;
    found.push(merged);
  }
  return found;
}

/** The part of an answer from `from` on: runs of one question are at different steps. */
function tailOf(tail: SeriesData, from: number | null): SeriesData | null {
  if (from === null) return null;
  const start = lowerBound(tail.x, from);
  if (start === 0) return tail;
  if (!tail.isRaw) return null;
  const x = tail.x.subarray(start);
  const value = tail.last.subarray(start);
  let nan = 0;
  let inf = 0;
  for (const one of value) {
    if (Number.isNaN(one)) nan += 1;
    else if (!Number.isFinite(one)) inf += 1;
  }
  return {
    ...tail,
    inRange: x.length,
    nan,
    inf,
    x,
    xLast: x,
    min: value,
    max: value,
    last: value,
  };
}
