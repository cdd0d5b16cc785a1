/** The charts of runs that somebody adds: what each shows, and its text in a URL or a saved view. */

import type { Column } from '../api/types';
import type { Codec } from '../url/codec';

export interface ScatterConfig {
  kind: 'scatter';
  x: Column;
  y: Column;
  color: Column | null;
  size: Column | null;
  xlog: boolean;
  ylog: boolean;
  regression: boolean;
}

export interface BoxConfig {
  kind: 'box';
  /** The metric. */
  y: Column;
  /** The param or tag whose values are the boxes; `null`: one box. */
  by: Column | null;
  ylog: boolean;
}

export interface ParallelConfig {
  kind: 'parallel';
  axes: readonly Column[];
  /** Those of them that are logarithmic. */
  log: readonly Column[];
  color: Column | null;
}

export interface BarConfig {
  kind: 'bar';
  /** `metric.KEY`, `metric_min.KEY` or `metric_max.KEY`: the last, least or greatest value. */
  x: Column;
}

export interface ContourConfig {
  kind: 'contour';
  x: Column;
  y: Column;
  z: Column;
  xlog: boolean;
  ylog: boolean;
}

/** A metric against the time its run started. */
export interface OverRunsConfig {
  kind: 'over-runs';
  y: Column;
  color: Column | null;
  ylog: boolean;
}

export type ChartConfig =
  ScatterConfig | BoxConfig | ParallelConfig | BarConfig | ContourConfig | OverRunsConfig;

export type ChartKind = ChartConfig['kind'];

export const CHART_NAMES: Record<ChartKind, string> = {
  scatter: 'Scatter',
  box: 'Box plot',
  parallel: 'Parallel coordinates',
  bar: 'Bar',
  contour: 'Contour',
  'over-runs': 'Metric over runs',
};

/** A config of each kind that shows nothing yet; also says which fields a kind has, and of which type. */
export const EMPTY_CONFIGS: { readonly [Kind in ChartKind]: Extract<ChartConfig, { kind: Kind }> } = {
  scatter: {
    kind: 'scatter',
    x: '',
    y: '',
    color: null,
    size: null,
    xlog: false,
    ylog: false,
    regression: false,
  },
  box: { kind: 'box', y: '', by: null, ylog: false },
  parallel: { kind: 'parallel', axes: [], log: [], color: null },
  bar: { kind: 'bar', x: '' },
  contour: { kind: 'contour', x: '', y: '', z: '', xlog: false, ylog: false },
  'over-runs': { kind: 'over-runs', y: '', color: null, ylog: false },
};

/** `scatter;x=param.lr;y=metric.loss;xlog`. A semicolon or backslash inside a name has a backslash before it. */
export function printChart(config: ChartConfig): string {
  const parts: string[] = [config.kind];
  for (const [name, value] of Object.entries(config)) {
    if (name === 'kind' || value === null || value === false || value === '') continue;
    if (value === true) parts.push(name);
    else
      for (const one of Array.isArray(value) ? value : [value]) parts.push(`${name}=${escape(String(one))}`);
  }
  return parts.join(';');
}

/** Reads it; `null` for what no chart is. Fields that are not known are left out. */
export function parseChart(raw: string): ChartConfig | null {
  const [kind, ...parts] = split(raw);
  if (!kind || !Object.hasOwn(EMPTY_CONFIGS, kind)) return null;
  const config: Record<string, unknown> = { ...EMPTY_CONFIGS[kind as ChartKind] };
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at);
    const value = at < 0 ? true : part.slice(at + 1);
    const before = config[name];
    if (name === 'kind' || before === undefined) continue;
    if (Array.isArray(before)) config[name] = typeof value === 'string' ? [...before, value] : before;
    else if (typeof before === 'boolean') config[name] = true;
    else if (typeof value === 'string') config[name] = value;
  }
  return config as unknown as ChartConfig;
}

/** The charts of a board; what cannot be read is left out. */
export const chartList: Codec<readonly ChartConfig[]> = {
  parse: (raw) =>
    (raw ? raw.split('|').map((one) => one.replaceAll('%7C', '|').replaceAll('%25', '%')) : [])
      .map(parseChart)
      .filter((one) => one !== null),
  print: (value) =>
    value.length
      ? value
          .map(printChart)
          .map((one) => one.replaceAll('%', '%25').replaceAll('|', '%7C'))
          .join('|')
      : null,
};

/** One chart of a kind, or `null` when the URL says nothing. */
export function chartOfKind<Kind extends ChartKind>(
  kind: Kind,
): Codec<Extract<ChartConfig, { kind: Kind }> | null> {
  type Config = Extract<ChartConfig, { kind: Kind }>;
  return {
    parse: (raw) => (raw === null ? null : (parseChart(`${kind};${raw}`) as Config | null)),
    print: (value) => (value === null ? null : printChart(value).slice(kind.length + 1)),
  };
}

/** The columns that a chart draws. */
export function columnsOf(config: ChartConfig): Column[] {
  const named = Object.entries(config).flatMap(([name, value]) =>
    ['x', 'y', 'z', 'by', 'color', 'size', 'axes'].includes(name) ? (value as Column | Column[] | null) : [],
  );
  if (config.kind === 'over-runs') named.push('attribute.start_time');
  return [...new Set(named.filter((one): one is Column => Boolean(one)))];
}

function escape(value: string): string {
  return value.replace(/[\\;]/g, '\\$&');
}

function split(raw: string): string[] {
  return [...raw.matchAll(/(?:^|;)((?:\\.|[^\\;])*)/gs)].map((match) =>
    (match[1] ?? '').replace(/\\(.)/gs, '$1'),
  );
}
