/** What a chart shows before the reader has chosen: columns that differ, metrics of validation first. */

import type { RunKey, RunsKeys } from '../api/types';
import { type ChartConfig, type ChartKind, EMPTY_CONFIGS } from './chartConfig';
import { directionOf } from './direction';

/** Keys that differ and that most runs have come first; the order among equals stays. */
function ranked(keys: readonly RunKey[], bonus: (key: string) => number): string[] {
  const rank = (one: RunKey) =>
    (one.differs ? 1_000_000 : 0) + bonus(one.key) * 100_000 + Math.min(one.runs ?? 0, 99_999);
  return [...keys].sort((a, b) => rank(b) - rank(a)).map((one) => one.key);
}

/** A loss or an accuracy says more than a learning rate, that of validation more than that of training. */
function worth(key: string): number {
  if (/^system\//.test(key)) return -2;
  return (
    (/(^|[^a-z])(val|valid|validation|eval|test)([^a-z]|$)/i.test(key) ? 2 : 0) + (directionOf(key) ? 1 : 0)
  );
}

export function defaultChart(kind: ChartKind, keys: Pick<RunsKeys, 'metrics' | 'params'>): ChartConfig {
  const metrics = ranked(keys.metrics, worth).map((key) => `metric.${key}`);
  const params = ranked(keys.params, (key) => (/(^|[^a-z])seed/i.test(key) ? -1 : 0)).map(
    (key) => `param.${key}`,
  );
  const [metric = '', second = ''] = metrics;
  const [param, other] = params;
  switch (kind) {
    case 'scatter':
      return { ...EMPTY_CONFIGS.scatter, x: param ?? second, y: metric };
    case 'box':
      return { ...EMPTY_CONFIGS.box, y: metric, by: param ?? null };
    case 'parallel':
      return {
        ...EMPTY_CONFIGS.parallel,
        axes: [...params.slice(0, 5), ...metrics.slice(0, params.length ? 1 : 3)].filter(Boolean),
        color: metric || null,
      };
    case 'bar':
      return { ...EMPTY_CONFIGS.bar, x: metric };
    case 'contour':
      return { ...EMPTY_CONFIGS.contour, x: param ?? second, y: other ?? metrics[2] ?? second, z: metric };
    case 'over-runs':
      return { ...EMPTY_CONFIGS['over-runs'], y: metric };
  }
}
