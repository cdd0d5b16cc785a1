/** Addresses of MLflow's own pages (`/#/experiments/1/runs/…`), which its client prints and people keep, as ours. */

import { paths, withQuery } from '../app/paths';
import { type RunsState, runsSchema } from '../runs/runsState';
import { parseState, printState } from './codec';

/**
 * The path and query of the page that an old hash meant; `null` if it meant none. Ids of experiments and runs are the
 * same in all workspaces, so `workspace` is not needed. Source: the route table of MLflow 3.17.
 */
export function legacyHash(hash: string): string | null {
  const [, rawPath = '', rawQuery = ''] = /^#\/?([^?]*)\??(.*)$/s.exec(hash) ?? [];
  const parts = rawPath.split('/').filter(Boolean).map(decoded);
  const query = new URLSearchParams(rawQuery);
  const [head = '', ...rest] = parts;
  return hash.startsWith('#/') ? (ROUTES.get(head)?.(rest, query) ?? null) : null;
}

/** What a route leads to, from the path below its first word and the query. */
type Route = (rest: readonly string[], query: URLSearchParams) => string | null;

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['', () => paths.experiments()],
  ['experiments', experiment],
  ['runs', ([run, ...tab]) => (run ? runPage(run, tab) : null)],
  ['metric', metricPage],
  ['compare-runs', (_, query) => compare(jsonList(query.get('runs')))],
  ['compare-experiments', (_, query) => runsOf(jsonList(query.get('experiments')), query)],
  ['compare-model-versions', (_, query) => compareVersions(query)],
  ['models', ([name, , version]) => model(name, version)],
  ['createModel', () => '/models'],
  ['prompts', ([name]) => (name ? `/prompts/${encodeURIComponent(name)}` : '/prompts')],
  ['settings', () => paths.settings()],
  ['account', () => '/account'],
  [
    'admin',
    ([section, id]) =>
      section === 'users' && id ? `/admin/users/${encodeURIComponent(id)}` : '/admin/users',
  ],
]);

function experiment([id, tab, ...rest]: readonly string[], query: URLSearchParams): string | null {
  if (!id) return paths.experiments();
  const base = paths.experiment(id);
  const [below, ...more] = rest;
  switch (tab) {
    case 'runs':
      return below ? runPage(below, more) : runsOf([id], query);
    case 'evaluation-runs': {
      const run = below ?? query.get('selectedRunUuid');
      return run ? paths.run(run) : base;
    }
    case 'models':
      return below ? `/logged-models/${encodeURIComponent(below)}` : `${base}/models`;
    case 'traces': {
      const trace = below ?? query.get('selectedTraceId') ?? query.get('selectedEvaluationId');
      return trace ? `/traces/${encodeURIComponent(trace)}` : `${base}/traces`;
    }
    case 'chat-sessions':
      return `${base}/traces`;
    case 'prompts':
      return below ? `/prompts/${encodeURIComponent(below)}` : '/prompts';
    default:
      // `s`, `overview`, `judges`, `datasets`, …: whatever it was, its runs are here.
      return runsOf([id], query);
  }
}

function runPage(run: string, [tab, ...rest]: readonly string[]): string {
  switch (tab) {
    case 'model-metrics':
      return paths.run(run, 'charts');
    case 'system-metrics':
      return withQuery(paths.run(run, 'charts'), { m: '^system/' });
    case 'artifacts':
    case 'artifactPath':
      return rest.length ? paths.artifact(run, rest.join('/')) : paths.run(run, 'artifacts');
    case 'traces':
    case 'evaluations':
      return `${paths.run(run)}/traces`;
    default:
      return paths.run(run);
  }
}

/** The runs of experiments with what `searchFilter`, `orderByKey`, … say. */
function runsOf(experiments: readonly string[], query: URLSearchParams): string | null {
  const [first, ...others] = experiments;
  if (first === undefined) return null;
  const mode = query.get('compareRunsMode')?.toUpperCase();
  const base = paths.experiment(first);
  if (!others.length && (mode === 'MODELS' || mode === 'TRACES')) return `${base}/${mode.toLowerCase()}`;
  const path = others.length
    ? paths.runsOf(experiments)
    : paths.experiment(first, mode === 'CHART' ? 'charts' : 'runs');
  return withState(path, query);
}

const HOURS: ReadonlyMap<string, number> = new Map([
  ['LAST_HOUR', 1],
  ['LAST_24_HOURS', 24],
  ['LAST_7_DAYS', 7 * 24],
  ['LAST_30_DAYS', 30 * 24],
  ['LAST_YEAR', 365 * 24],
]);

export function withState(path: string, query: URLSearchParams): string {
  const [base = path, already = ''] = path.split('?');
  const view = query.get('lifecycleFilter')?.toLowerCase();
  const column = sortColumn(query.get('orderByKey') ?? '');
  const next = printState<RunsState>(
    runsSchema,
    {
      ...parseState(runsSchema, new URLSearchParams()),
      q: query.get('searchFilter') ?? '',
      view: view === 'deleted' || view === 'all' ? view : 'active',
      hours: HOURS.get((query.get('startTime') ?? '').toUpperCase()) ?? null,
      sort: column === null ? [] : [{ column, descending: query.get('orderByAsc') !== 'true' }],
    },
    new URLSearchParams(already),
  );
  // A view that MLflow keeps as a tag of the experiment, `mlflow.sharedViewState.KEY`.
  const share = query.get('viewStateShareKey');
  if (share) next.set('viewStateShareKey', share);
  const text = next.toString();
  return text ? `${base}?${text}` : base;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['attributes', 'attribute'],
  ['metrics', 'metric'],
  ['params', 'param'],
  ['tags', 'tag'],
]);

/** `` metrics.`val/loss` `` is our `metric.val/loss`. The latest run first is the order without any. */
export function sortColumn(key: string): string | null {
  const [, kinds = '', quoted = ''] = /^(\w+)\.(.+)$/s.exec(key) ?? [];
  const kind = KINDS.get(kinds);
  if (!kind) return null;
  const name = quoted.replace(/^([`"])(.*)\1$/s, '$2');
  if (kind === 'tag' && name === 'mlflow.runName') return 'attribute.run_name';
  return kind === 'attribute' && /^(start_time|date)$/i.test(name)
    ? 'attribute.start_time'
    : `${kind}.${name}`;
}

function metricPage(rest: readonly string[], query: URLSearchParams): string | null {
  const runs = jsonList(query.get('runs'));
  const keys = jsonList(query.get('plot_metric_keys'));
  const key = keys[0] ?? jsonList(query.get('metric'))[0] ?? rest.join('/');
  return runs.length && key ? paths.metric(runs, key) : null;
}

function compare(runs: readonly string[]): string | null {
  return runs.length ? paths.compare(runs) : null;
}

function model(name: string | undefined, version: string | undefined): string {
  if (!name) return '/models';
  const base = `/models/${encodeURIComponent(decoded(name))}`;
  return version ? `${base}/versions/${encodeURIComponent(version)}` : base;
}

/** `?name="resnet"&runs={"run id":"3",…}`: the versions are the values. */
function compareVersions(query: URLSearchParams): string | null {
  const name = jsonList(query.get('name'))[0];
  if (!name) return null;
  return withQuery(`/models/${encodeURIComponent(decoded(name))}/compare`, {
    versions: jsonList(query.get('runs')).join(','),
  });
}

/** The texts of a JSON array, of an object's values, or one text, even if it was percent-encoded once more. */
function jsonList(raw: string | null): string[] {
  if (raw === null) return [];
  const value = json(raw) ?? json(decoded(raw)) ?? raw;
  const all = typeof value === 'object' ? Object.values(value) : [value];
  return all.filter((one) => typeof one === 'string' || typeof one === 'number').map(String);
}

function json(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return undefined;
  }
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
