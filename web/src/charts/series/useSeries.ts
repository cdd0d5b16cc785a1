import { keepPreviousData, type QueryClient, useQuery } from '@tanstack/react-query';
import type { Change } from '../../api/events';
import { seriesBytes } from '../../api/own';
import type { SeriesAxis, SeriesRequest } from '../../api/types';
import { SeriesBatcher } from './batch';
import { decodeSeries, lowerBound, SERIES_TYPE, type SeriesData } from './data';
import { mergeTail, tailFrom } from './merge';

export const seriesBatcher = new SeriesBatcher(async (request, signal) =>
  decodeSeries(await seriesBytes(request, SERIES_TYPE, signal)),
);

export interface SeriesQuestion {
  runs: readonly string[];
  keys: readonly string[];
  x: SeriesAxis;
  from: number | null;
  to: number | null;
  width: number;
}

/** Widths that are asked for: few, so that charts of about the same size are one call and one answer in the cache. */
const WIDTHS = [256, 512, 768, 1024, 1536, 2048, 3072, 4096] as const;

export function askedWidth(pixels: number): number {
  return WIDTHS.find((width) => width >= pixels) ?? 4096;
}

/** The series of a chart. While a part of them is read anew, the old ones stay. */
export function useSeries(question: SeriesQuestion, isEnabled: boolean) {
  // The order of the runs is the table's business: sorting it must not read everything again.
  const asked: SeriesQuestion = { ...question, runs: [...question.runs].sort() };
  return useQuery({
    queryKey: ['series', asked],
    queryFn: ({ signal }) => seriesBatcher.load(requestOf(asked), signal),
    enabled: isEnabled && asked.runs.length > 0 && asked.keys.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    // Columns of numbers are compared by nobody.
    structuralSharing: false,
  });
}

function requestOf({ runs, keys, x, from, to, width }: SeriesQuestion): SeriesRequest {
  return { runs, keys, x, from, to, width };
}

/** Reads what changed into every chart that is shown: new points only, where that is enough. */
export function followChange(client: QueryClient, change: Change, running: ReadonlySet<string>) {
  const changed = new Map<string, readonly string[] | null>();
  if (change.isGuess) for (const run of running) changed.set(run, null);
  for (const run of change.runs) {
    if (run.what.includes('metrics')) changed.set(run.run_id, run.metrics ?? null);
  }
  if (!changed.size) return;
  let isEarly = false;
  for (const query of client.getQueryCache().findAll({ queryKey: ['series'], type: 'active' })) {
    const question = query.queryKey[1] as SeriesQuestion;
    const isMeant = (run: string, key: string) => {
      const keys = changed.get(run);
      return keys !== undefined && question.keys.includes(key) && (keys === null || keys.includes(key));
    };
    const runs = question.runs.filter((run) => question.keys.some((key) => isMeant(run, key)));
    if (!runs.length) continue;
    if (query.state.fetchStatus === 'fetching' || following.has(query.queryHash)) {
      // What is being read may have been written before this change.
      isEarly = true;
      continue;
    }
    void followOne(client, query.queryHash, query.queryKey, question, runs);
  }
  if (isEarly) setTimeout(() => followChange(client, change, running), AGAIN_MS);
}

/** Questions whose tails are being read. */
const following = new Set<string>();
const AGAIN_MS = 700;

async function followOne(
  client: QueryClient,
  id: string,
  queryKey: readonly unknown[],
  question: SeriesQuestion,
  runs: readonly string[],
) {
  const all = client.getQueryData<SeriesData[]>(queryKey);
  const readAll = () => client.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
  const concerned = all?.filter((one) => runs.includes(one.run)) ?? [];
  const froms = concerned.map(tailFrom);
  const isWhole = question.from === null && question.to === null;
  // A series that nobody has seen yet, or a part of the axis: there is no end to add to.
  if (!isWhole || concerned.length < runs.length * question.keys.length || froms.includes(null)) {
    await readAll();
    return;
  }
  following.add(id);
  try {
    const from = Math.min(...(froms as number[]));
    const tails = await seriesBatcher.load(requestOf({ ...question, runs, from }));
    const next = withTails(client.getQueryData<SeriesData[]>(queryKey) ?? [], tails, question.width);
    if (next) client.setQueryData(queryKey, next);
    else await readAll();
  } catch {
    // The next change, or guess, asks again.
  } finally {
    following.delete(id);
  }
}

/** All series with their tails; `null` if one of them must be read as a whole. */
export function withTails(
  series: readonly SeriesData[],
  tails: readonly SeriesData[],
  width: number,
): SeriesData[] | null {
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
