import type { QueryClient } from '@tanstack/react-query';
import type { Change } from '../../api/events';
import type { Metric, Run } from '../../api/mlflow';
import { metricsStats } from '../../api/own';
import type { MetricStats } from '../../api/types';
import { foldersOfRun, readFoldersAgain } from '../../artifacts/foldersOfRun';
import { relationsKey } from './useRun';

/** Reads again what changed of a run that is shown, and no more: metrics by their keys, files only where they may have changed. */
export async function readChange(client: QueryClient, runId: string, { runs, isGuess }: Change) {
  const own = runs.filter((run) => run.run_id === runId);
  const what = new Set(own.flatMap((run) => run.what));
  const isOther = [...what].some((one) => one !== 'metrics') || own.some(isUnnamed);
  const work: Promise<unknown>[] = [];
  if (isGuess) {
    work.push(again(client, ['metrics/stats', runId]), again(client, ['series', 'sparklines', runId]));
  }
  // Files are told of by nobody; a run that ends has often written its last ones.
  if (what.has('status')) work.push(again(client, foldersOfRun(runId)));
  else if (isGuess) work.push(readFoldersAgain(client, runId));
  if (isGuess || isOther) work.push(again(client, ['runs/get', runId]));
  if (isGuess || hasOtherRun(client, runId, runs)) work.push(readChildren(client, runId));
  const keys = [...new Set(own.flatMap((run) => run.metrics ?? []))];
  if (!isGuess && keys.length > 0) work.push(readMetrics(client, runId, keys));
  await Promise.all(work);
}

const isUnnamed = (run: Change['runs'][number]) => run.what.includes('metrics') && !run.metrics?.length;

const again = (client: QueryClient, queryKey: readonly unknown[]) => client.invalidateQueries({ queryKey });

async function readMetrics(client: QueryClient, runId: string, keys: readonly string[]) {
  const changed = new Set(keys);
  const sparklines = client.invalidateQueries({
    queryKey: ['series', 'sparklines', runId],
    predicate: ({ queryKey: [, , , chunk] }) => (chunk as readonly string[]).some((key) => changed.has(key)),
  });
  const { stats } = await metricsStats({ runs: [runId], keys });
  client.setQueryData<MetricStats[]>(
    ['metrics/stats', runId],
    (before) => before && withStats(before, stats),
  );
  client.setQueryData<Run>(['runs/get', runId], (before) => before && withMetrics(before, stats));
  await sparklines;
}

/** Those that were read again in the place of those before. */
export function withStats(before: readonly MetricStats[], read: readonly MetricStats[]): MetricStats[] {
  const byKey = new Map([...before, ...read].map((one) => [one.key, one]));
  return [...byKey.values()];
}

/** The run with the latest values that the statistics name. */
export function withMetrics(run: Run, read: readonly MetricStats[]): Run {
  const metrics = new Map((run.data.metrics ?? []).map((metric): [string, Metric] => [metric.key, metric]));
  for (const { key, last: value, last_step: step, last_time: timestamp } of read) {
    metrics.set(key, { key, value, step, timestamp });
  }
  return { ...run, data: { ...run.data, metrics: [...metrics.values()] } };
}

/** Runs of the experiment that are children, or may be. */
function hasOtherRun(client: QueryClient, runId: string, runs: Change['runs']): boolean {
  const known = new Set<string>();
  for (const query of childrenQueries(client, runId)) {
    const data = query.state.data as { runs?: readonly Run[] } | undefined;
    for (const run of data?.runs ?? []) known.add(run.info.run_id);
  }
  return runs.some(({ run_id, what }) => run_id !== runId && (known.has(run_id) || what.includes('created')));
}

const childrenQueries = (client: QueryClient, runId: string) =>
  client.getQueryCache().findAll({
    queryKey: ['runs/search', 'children'],
    predicate: ({ queryKey }) => queryKey.includes(runId),
  });

const readChildren = (client: QueryClient, runId: string) =>
  Promise.all([
    again(client, relationsKey(runId)),
    client.invalidateQueries({
      queryKey: ['runs/search', 'children'],
      predicate: ({ queryKey }) => queryKey.includes(runId),
    }),
  ]);
