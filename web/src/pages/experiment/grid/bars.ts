/** Bars behind the numbers of a column: where a value is between the least and the greatest of all that match. */

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { runsGroups } from '../../../api/own';
import type { Cell, Column, RunGroup, RunSelection } from '../../../api/types';
import { stored, useStored } from '../../../app/stored';
import { partsOf } from '../../../runs/columns';

/** Whether the reader wants them: a preference, off until then. */
const bars = stored<boolean>('runs.bars', (raw) => raw === true);

export const chooseBars = bars.set;
export const useHasBars = () => useStored(bars);

/** Least and greatest finite value. */
export type Bars = ReadonlyMap<Column, readonly [number, number]>;

/** As many metrics as the server summarises at once. */
const MOST = 50;
/** A column by which all active runs are one group, so that a single answer speaks of all. */
const STAGE = 'attribute.lifecycle_stage';

/** The bounds of the metric columns, over all runs of the selection; `null` without bars. */
export function useBars(selection: RunSelection, columns: readonly Column[], epoch: number): Bars | null {
  const isOn = useHasBars();
  const metrics = columns.filter((column) => partsOf(column).kind === 'metric').slice(0, MOST);
  const request = { ...selection, group: [STAGE], columns: metrics, offset: 0, limit: 3 };
  const { data } = useQuery({
    queryKey: ['runs/groups', 'bars', request, epoch],
    queryFn: ({ signal }) => runsGroups(request, signal),
    enabled: isOn && metrics.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  return useMemo(() => (isOn && data ? boundsOf(data.groups) : null), [isOn, data]);
}

export function boundsOf(groups: readonly RunGroup[]): Bars {
  const bounds = new Map<Column, readonly [number, number]>();
  for (const { metrics } of groups) {
    for (const [column, { min, max }] of Object.entries(metrics)) {
      if (min === null || max === null) continue;
      const [least, greatest] = bounds.get(column) ?? [min, max];
      bounds.set(column, [Math.min(least, min), Math.max(greatest, max)]);
    }
  }
  return bounds;
}

/** How long the bar of a value is, as a share of the cell; `null` for none. */
export function barOf(bounds: readonly [number, number] | undefined, value: Cell | undefined): number | null {
  if (!bounds || typeof value !== 'number' || Math.abs(value) >= Number.MAX_VALUE) return null;
  const [least, greatest] = bounds;
  return greatest > least ? Math.min(1, Math.max(0, (value - least) / (greatest - least))) : null;
}
