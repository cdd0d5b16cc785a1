/** What differs between two runs. */

import type { Run } from '../../api/mlflow';
import { number } from '../../api/types';

export interface Difference {
  key: string;
  /** `null`: the run has none. */
  here: string | null;
  there: string | null;
}

export interface MetricDifference {
  key: string;
  here: number | null;
  there: number | null;
  /** `here - there`, if both are finite. */
  delta: number | null;
  /** The same in percent of `there`. */
  percent: number | null;
}

export function paramDifferences(here: Run, there: Run): Difference[] {
  return differing(
    new Map((here.data.params ?? []).map(({ key, value }) => [key, value])),
    new Map((there.data.params ?? []).map(({ key, value }) => [key, value])),
  );
}

export function metricDifferences(here: Run, there: Run): MetricDifference[] {
  const values = (run: Run) =>
    new Map((run.data.metrics ?? []).map(({ key, value }) => [key, number(value)]));
  return differing(values(here), values(there)).map((one) => {
    const delta = one.here !== null && one.there !== null ? one.here - one.there : NaN;
    const percent = one.there ? (delta / Math.abs(one.there)) * 100 : NaN;
    return {
      ...one,
      delta: Number.isFinite(delta) ? delta : null,
      percent: Number.isFinite(percent) ? percent : null,
    };
  });
}

const isOnlyOne = (one: { here: unknown; there: unknown }) => one.here === null || one.there === null;

/** What both have comes first: that is what can be compared. */
function differing<Value>(here: ReadonlyMap<string, Value>, there: ReadonlyMap<string, Value>) {
  const keys = [...new Set([...here.keys(), ...there.keys()])].sort();
  return keys
    .map((key) => ({ key, here: here.get(key) ?? null, there: there.get(key) ?? null }))
    .filter((one) => !Object.is(one.here, one.there))
    .sort((a, b) => Number(isOnlyOne(a)) - Number(isOnlyOne(b)));
}
