import type { Column, RunKey, RunsKeys } from '../api/types';
import { SOURCE } from './columns';

const MOST_METRICS = 5;
const MOST_PARAMS = 4;

/** What a table shows until the reader chooses: when and by whom, then the metrics and params that tell runs apart. */
export function defaultColumns(keys: RunsKeys | undefined, hasSeveralExperiments: boolean): Column[] {
  const metrics = (keys?.metrics ?? []).filter(({ key }) => !key.startsWith('system/'));
  return [
    ...(hasSeveralExperiments ? ['attribute.experiment_id'] : []),
    'attribute.start_time',
    'attribute.duration',
    'attribute.user_id',
    SOURCE,
    ...mostTelling(metrics, MOST_METRICS).map((key) => `metric.${key}`),
    ...mostTelling(keys?.params ?? [], MOST_PARAMS).map((key) => `param.${key}`),
  ];
}

/** Those that differ between the runs first, and of those the ones that most runs have. */
function mostTelling(keys: readonly RunKey[], most: number): string[] {
  return [...keys]
    .sort((a, b) => Number(b.differs ?? true) - Number(a.differs ?? true) || (b.runs ?? 0) - (a.runs ?? 0))
    .slice(0, most)
    .map(({ key }) => key);
}

/** Of these columns, those in which the runs differ. Attributes differ as a rule. */
export function differingColumns(keys: RunsKeys): Column[] {
  const differing = (kind: string, of: readonly RunKey[]) =>
    of.filter(({ differs }) => differs !== false).map(({ key }) => `${kind}.${key}`);
  return [...differing('metric', keys.metrics), ...differing('param', keys.params)];
}
