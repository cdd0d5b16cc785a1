import { expect, it } from 'vitest';
import type { Run } from '../../api/mlflow';
import type { WireNumber } from '../../api/types';
import { metricDifferences, paramDifferences } from './difference';

const run = (params: Record<string, string>, metrics: Record<string, WireNumber> = {}): Run => ({
  info: {
    run_id: '',
    run_name: '',
    experiment_id: '',
    status: 'FINISHED',
    artifact_uri: '',
    lifecycle_stage: 'active',
  },
  data: {
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 0, step: 0 })),
  },
});

it('tells params that differ or that only one has', () => {
  expect(paramDifferences(run({ a: '1', b: '', same: 'x' }), run({ a: '2', c: '3', same: 'x' }))).toEqual([
    { key: 'a', here: '1', there: '2' },
    { key: 'b', here: '', there: null },
    { key: 'c', here: null, there: '3' },
  ]);
});

it('tells by how much metrics differ', () => {
  expect(metricDifferences(run({}, { a: 3, n: 'NaN', z: 1 }), run({}, { a: -2, n: 'NaN', z: 0 }))).toEqual([
    { key: 'a', here: 3, there: -2, delta: 5, percent: 250 },
    { key: 'z', here: 1, there: 0, delta: 1, percent: null },
  ]);
});
