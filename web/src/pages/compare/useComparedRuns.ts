import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { experimentsSummary, runsKeys } from '../../api/own';
import type { RunSelection, RunStatus } from '../../api/types';
import { NAME_COLUMNS, runDataOf, textOf } from '../../charts/runData';
import { COLOR_TAG, runColors } from '../../runs/colors';
import { type RunColumns, useRunColumns } from '../../runs/useRunColumns';

/** The most runs that are compared. */
export const MOST_RUNS = 1_000;

export interface ComparedRun {
  id: string;
  name: string;
  /** A CSS colour. */
  color: string;
  experimentId: string;
  experiment: string;
  status: RunStatus;
  isDeleted: boolean;
  note: string;
}

/** Attributes that every tab needs. */
export const ATTRIBUTES = [
  'status',
  'start_time',
  'end_time',
  'duration',
  'user_id',
  'experiment_id',
  'run_id',
  'run_name',
  'artifact_uri',
  'lifecycle_stage',
].map((key) => `attribute.${key}`);

const NOTE = 'tag.mlflow.note.content';

/** The selection that a URL means: ids are a snapshot, also of deleted runs; a query is asked anew each time. */
export function comparedSelection(state: {
  runs: readonly string[];
  q: string;
  experiments: readonly string[];
}): RunSelection {
  if (state.runs.length) return { ids: state.runs.slice(0, MOST_RUNS), view: 'all' };
  return { experiments: state.experiments, ...(state.q && { q: state.q }), view: 'active' };
}

export function useComparedRuns(state: {
  runs: readonly string[];
  q: string;
  experiments: readonly string[];
}) {
  const { runs: wanted, q, experiments } = state;
  const selection = useMemo(
    () => comparedSelection({ runs: wanted, q, experiments }),
    [wanted, q, experiments],
  );
  const isEnabled = wanted.length > 0 || experiments.length > 0;
  const table = useRunColumns(selection, [...NAME_COLUMNS, ...ATTRIBUTES, NOTE], {
    most: MOST_RUNS,
    isEnabled,
  });
  const keys = useQuery({
    queryKey: ['runs/keys', selection],
    queryFn: ({ signal }) =>
      runsKeys({ ...selection, kinds: ['metric', 'param', 'tag'], limit: 10_000 }, signal),
    enabled: isEnabled,
    placeholderData: (before) => before,
  });
  const summary = useQuery({
    queryKey: ['experiments/summary', 'all'],
    queryFn: ({ signal }) => experimentsSummary('all', signal),
    staleTime: 60_000,
  });
  const names = useMemo(
    () => new Map(summary.data?.experiments.map((one) => [one.experiment_id, one.name])),
    [summary.data],
  );
  const runs = useMemo(
    () => (table.data ? comparedRuns(table.data, wanted, names) : []),
    [table.data, wanted, names],
  );
  const missing = useMemo(() => {
    if (!table.data) return [];
    const found = new Set(table.data.ids);
    return wanted.filter((id) => !found.has(id));
  }, [table.data, wanted]);
  return { selection, isEnabled, table, keys, runs, missing, total: table.data?.total ?? 0 };
}

/** In the order that was asked for; those of a query in the order of the server. */
export function comparedRuns(
  table: RunColumns,
  wanted: readonly string[],
  experiments: ReadonlyMap<string, string>,
): ComparedRun[] {
  const chosen = table.columns[`tag.${COLOR_TAG}`];
  const colors = runColors(table.ids.map((id, i) => ({ id, chosen: textOf(chosen?.[i]) })));
  const data = runDataOf(table, { colors });
  const cell = (column: string, row: number) => textOf(table.columns[column]?.[row]);
  const place = new Map(wanted.map((id, i) => [id, i]));
  return data.ids
    .map((id, row): ComparedRun => {
      const experimentId = cell('attribute.experiment_id', row);
      return {
        id,
        name: data.names[row] ?? id,
        color: data.colors[row] ?? '',
        experimentId,
        experiment: experiments.get(experimentId) ?? experimentId,
        status: cell('attribute.status', row) as RunStatus,
        isDeleted: cell('attribute.lifecycle_stage', row) === 'deleted',
        note: cell(NOTE, row),
      };
    })
    .sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
}
