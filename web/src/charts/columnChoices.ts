/** The columns of a selection as a reader chooses from them. */

import type { Column, RunsKeys } from '../api/types';
import { labelOf } from './runData';

export interface Choice {
  column: Column;
  label: string;
  group: string;
}

type Keys = Pick<RunsKeys, 'metrics' | 'params' | 'tags'>;

const choices = (keys: readonly { key: string }[], kind: string, group: string): Choice[] =>
  keys.map(({ key }) => ({ column: `${kind}.${key}`, label: labelOf(`${kind}.${key}`), group }));

/** Metrics only: last, and for a chart that shows it, least and greatest. */
export function metricChoices(keys: Keys, hasBounds: boolean): Choice[] {
  return [
    ...choices(keys.metrics, 'metric', 'metric'),
    ...(hasBounds
      ? [...choices(keys.metrics, 'metric_min', 'metric'), ...choices(keys.metrics, 'metric_max', 'metric')]
      : []),
  ];
}

/** What runs are grouped by. */
export function groupChoices(keys: Keys): Choice[] {
  return [
    ...choices(keys.params, 'param', 'param'),
    ...choices(keys.tags, 'tag', 'tag'),
    ...choices([{ key: 'status' }, { key: 'user_id' }, { key: 'experiment_id' }], 'attribute', 'attribute'),
  ];
}

/** Whatever may be an axis. */
export function axisChoices(keys: Keys): Choice[] {
  return [
    ...metricChoices(keys, false),
    ...choices(keys.params, 'param', 'param'),
    ...choices(
      ['start_time', 'duration', 'status', 'user_id', 'run_name', 'experiment_id'].map((key) => ({ key })),
      'attribute',
      'attribute',
    ),
    ...choices(keys.tags, 'tag', 'tag'),
    ...metricChoices({ ...keys, params: [], tags: [] }, true).slice(keys.metrics.length),
  ];
}
