/** Columns of runs: what a name such as `metric.val/loss` means, and how it is shown. */

import type { Column } from '../api/types';

const KINDS = ['attribute', 'metric', 'metric_step', 'metric_min', 'metric_max', 'param', 'tag'] as const;
const WHOLE = ['datasets', 'models', 'children', 'parent', 'source'] as const;

export type ColumnKind = (typeof KINDS)[number] | (typeof WHOLE)[number];

/** Where a run's code came from: file and commit. Shown from two tags, so it is no column of the server. */
export const SOURCE = 'source';
const SOURCE_NAME = 'tag.mlflow.source.name';
const SOURCE_COMMIT = 'tag.mlflow.source.git.commit';

/** Its kind, and the key after the first dot. */
export function partsOf(column: Column): { kind: ColumnKind; key: string } {
  const whole = WHOLE.find((name) => name === column);
  if (whole) return { kind: whole, key: '' };
  const dot = column.indexOf('.');
  const kind = KINDS.find((name) => name === column.slice(0, dot));
  return kind ? { kind, key: column.slice(dot + 1) } : { kind: 'attribute', key: column };
}

const NAMES: Record<string, string> = {
  'attribute.run_id': 'Run ID',
  'attribute.run_name': 'Name',
  'attribute.experiment_id': 'Experiment',
  'attribute.status': 'Status',
  'attribute.user_id': 'User',
  'attribute.start_time': 'Started',
  'attribute.end_time': 'Ended',
  'attribute.duration': 'Duration',
  'attribute.artifact_uri': 'Artifact location',
  'attribute.lifecycle_stage': 'State',
  datasets: 'Datasets',
  models: 'Models',
  children: 'Children',
  parent: 'Parent run',
  source: 'Source',
};

/** The heading of a column: the key itself for what users logged. */
export function columnLabel(column: Column): string {
  return NAMES[column] ?? (partsOf(column).key || column);
}

/** What the heading leaves out. */
export function columnNote(column: Column): string {
  const notes: Partial<Record<ColumnKind, string>> = {
    metric_step: 'step',
    metric_min: 'min',
    metric_max: 'max',
    param: 'param',
    tag: 'tag',
  };
  return notes[partsOf(column).kind] ?? '';
}

export function isMetric(column: Column): boolean {
  return partsOf(column).kind.startsWith('metric');
}

/** Right-aligned, with digits of one width. */
export function isNumeric(column: Column): boolean {
  return isMetric(column) || column === 'attribute.duration' || column === 'children';
}

/** What the server sorts by for it; `null` where it cannot. */
export function sortColumn(column: Column): Column | null {
  const { kind } = partsOf(column);
  if (kind === 'source') return SOURCE_NAME;
  return ['metric_min', 'metric_max', 'datasets', 'models', 'children', 'parent'].includes(kind)
    ? null
    : column;
}

/** The columns that the server is asked for. */
export function wireColumns(columns: readonly Column[]): Column[] {
  const wire = columns.flatMap((column) => (column === SOURCE ? [SOURCE_NAME, SOURCE_COMMIT] : [column]));
  return [...new Set(wire)];
}

/** The attributes that can be chosen as columns, in the order in which they are offered. */
export const ATTRIBUTE_COLUMNS: readonly Column[] = [
  'attribute.status',
  'attribute.start_time',
  'attribute.end_time',
  'attribute.duration',
  'attribute.user_id',
  SOURCE,
  'attribute.run_id',
  'attribute.experiment_id',
  'attribute.lifecycle_stage',
  'attribute.artifact_uri',
  'parent',
  'children',
];
