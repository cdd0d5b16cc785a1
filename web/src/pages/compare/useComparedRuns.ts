import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { experimentsSummary, runsKeys, storedView } from '../../api/own';
import type { RunSelection, RunStatus } from '../../api/types';
import { NAME_COLUMNS, runDataOf, textOf } from '../../charts/runData';
import { COLOR_TAG, runColors } from '../../runs/colors';
import { MOST_RUNS, parseStoredRuns } from '../../runs/comparison';
import { type RunColumns, useRunColumns } from '../../runs/useRunColumns';

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

export interface ComparedState {
  runs: readonly string[];
  q: string;
  experiments: readonly string[];
  v: string;
}

const NONE: readonly string[] = [];
const NO_RUNS: RunSelection = { ids: NONE };

/** The selection that a URL means: ids are a snapshot, also of deleted runs; a query is asked anew each time. */
export function comparedSelection(state: Pick<ComparedState, 'runs' | 'q' | 'experiments'>): RunSelection {
  if (state.runs.length) return { ids: state.runs.slice(0, MOST_RUNS), view: 'all' };
  return { experiments: state.experiments, ...(state.q && { q: state.q }), view: 'active' };
}

/** Ids that were asked for and are not there; those above the most were not asked for. */
export function missingOf(wanted: readonly string[], found: readonly string[]): string[] {
  const there = new Set(found);
  return wanted.slice(0, MOST_RUNS).filter((id) => !there.has(id));
}

export function useComparedRuns(state: ComparedState) {
  const { runs: inAddress, q, experiments, v } = state;
  const isStored = v !== '' && inAddress.length === 0;
  const view = useQuery({
    queryKey: ['views', v],
    queryFn: ({ signal }) => storedView(v, signal),
    enabled: isStored,
    staleTime: Infinity,
  });
  const stored = useMemo(
    () => (isStored && view.data ? parseStoredRuns(view.data.state) : null),
    [isStored, view.data],
  );
  const selection = useMemo(
    () =>
      isStored ? (stored?.selection ?? NO_RUNS) : comparedSelection({ runs: inAddress, q, experiments }),
    [isStored, stored, inAddress, q, experiments],
  );
  const wanted = isStored ? (stored?.selection.ids ?? NONE) : inAddress;
  const isKnown = wanted.length > 0 || (selection.experiments?.length ?? 0) > 0;
  const isEnabled = isKnown || (isStored && view.isPending);
  const table = useRunColumns(selection, [...NAME_COLUMNS, ...ATTRIBUTES, NOTE], {
    most: MOST_RUNS,
    isEnabled: isKnown,
  });
  const keys = useQuery({
    queryKey: ['runs/keys', selection],
    queryFn: ({ signal }) =>
      runsKeys({ ...selection, kinds: ['metric', 'param', 'tag'], limit: 10_000 }, signal),
    enabled: isKnown,
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
  const missing = useMemo(() => (table.data ? missingOf(wanted, table.data.ids) : []), [table.data, wanted]);
  const isQuery = wanted.length === 0;
  /** How many were asked for, of which the first are compared. */
  const count = isQuery ? (table.data?.total ?? 0) : (stored?.count ?? wanted.length);
  return { selection, isEnabled, isQuery, wanted, viewError: view.error, table, keys, runs, missing, count };
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
