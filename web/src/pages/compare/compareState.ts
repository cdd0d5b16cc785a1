/** What the compare page shows: all of it is in the URL. */

import type { Column } from '../../api/types';
import { chartOfKind } from '../../charts/chartConfig';
import { type Codec, flag, list, oneOf, text } from '../../url/codec';
import type { Direction } from '../../charts/direction';

export const TABS = [
  'differences',
  'charts',
  'scatter',
  'box',
  'parallel',
  'contour',
  'bar',
  'over-runs',
  'images',
  'files',
  'notes',
] as const;

export type CompareTab = (typeof TABS)[number];

export const TAB_NAMES: Record<CompareTab, string> = {
  differences: 'Differences',
  charts: 'Charts',
  scatter: 'Scatter',
  box: 'Box',
  parallel: 'Parallel',
  contour: 'Contour',
  bar: 'Bar',
  'over-runs': 'Over time',
  images: 'Images',
  files: 'Files',
  notes: 'Notes',
};

/** The directions that the reader set: `loss:down`, `lr:none`. */
const directions: Codec<ReadonlyMap<string, Direction>> = {
  parse: (raw) =>
    new Map(
      list.parse(raw).flatMap((one): [string, Direction][] => {
        const at = one.lastIndexOf(':');
        const way = one.slice(at + 1);
        if (at < 1 || !['up', 'down', 'none'].includes(way)) return [];
        return [[one.slice(0, at), way === 'none' ? null : (way as Direction)]];
      }),
    ),
  print: (value) => list.print([...value].map(([key, way]) => `${key}:${way ?? 'none'}`)),
};

export const compareSchema = {
  /** A snapshot: these runs, in this order. */
  runs: list,
  /** Or a live query over experiments. */
  q: text,
  experiments: list,
  /** Or what is stored under this name: long lists, and what a filter cannot say. */
  v: text,
  tab: oneOf<CompareTab>(...TABS),
  /** The run that the others are compared with. */
  base: text,
};

export const differencesSchema = {
  /** Also what is the same in all runs. */
  all: flag,
  find: text,
  /** Runs as rows. */
  transpose: flag,
  /** Without colours. */
  plain: flag,
  values: oneOf<MetricValues>('last', 'min', 'max'),
  dir: directions,
};

/** Which value of a metric's history. */
export type MetricValues = 'last' | 'min' | 'max';

export const chartSchema = {
  scatter: chartOfKind('scatter'),
  box: chartOfKind('box'),
  parallel: chartOfKind('parallel'),
  contour: chartOfKind('contour'),
  bar: chartOfKind('bar'),
  'over-runs': chartOfKind('over-runs'),
};

/** The column of a metric for which value of its history is asked. */
export function metricColumn(key: string, values: MetricValues): Column {
  return values === 'last' ? `metric.${key}` : `metric_${values}.${key}`;
}
