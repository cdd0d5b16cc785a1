/** What can be chosen as a column, or grouped by. Pure. */

import type { Column, RunKey, RunsKeys } from '../../../api/types';
import { grouped } from '../../../format/number';
import { ATTRIBUTE_COLUMNS, columnLabel } from '../../../runs/columns';

export type Entry =
  | { kind: 'heading'; label: string; count: number }
  | { kind: 'column'; column: Column; label: string; detail: string; isMetric: boolean };

export interface Section {
  label: string;
  columns: readonly { column: Column; label: string; runs: number | null }[];
}

const ofKeys = (kind: string, keys: readonly RunKey[]) =>
  keys.map(({ key, runs }) => ({ column: `${kind}.${key}`, label: key, runs }));
const plain = (columns: readonly Column[]) =>
  columns.map((column) => ({ column, label: columnLabel(column), runs: null }));

/** Everything that can be a column. */
export function columnSections(keys: RunsKeys | undefined): Section[] {
  return [
    { label: 'Attributes', columns: plain(ATTRIBUTE_COLUMNS) },
    { label: 'Metrics', columns: ofKeys('metric', keys?.metrics ?? []) },
    { label: 'Params', columns: ofKeys('param', keys?.params ?? []) },
    { label: 'Tags', columns: ofKeys('tag', ownFirst(keys?.tags ?? [])) },
    { label: 'Datasets and models', columns: plain(['datasets', 'models']) },
  ];
}

/** Everything that runs can be grouped by. */
export function groupSections(keys: RunsKeys | undefined): Section[] {
  return [
    { label: 'Params', columns: ofKeys('param', keys?.params ?? []) },
    { label: 'Tags', columns: ofKeys('tag', ownFirst(keys?.tags ?? [])) },
    {
      label: 'Attributes',
      columns: plain([
        'attribute.user_id',
        'attribute.status',
        'attribute.experiment_id',
        'attribute.run_name',
      ]),
    },
  ];
}

/** Tags that MLflow sets are on every run; those that somebody set come before them. */
function ownFirst(tags: readonly RunKey[]): RunKey[] {
  const isOwn = ({ key }: RunKey) => !key.startsWith('mlflow.');
  return [...tags.filter(isOwn), ...tags.filter((tag) => !isOwn(tag))];
}

/** The sections as one list, of what contains all words of the search. */
export function entriesOf(sections: readonly Section[], search: string): Entry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return sections.flatMap(({ label, columns }) => {
    const found = columns.filter((one) => {
      const text = one.label.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    if (found.length === 0) return [];
    return [
      { kind: 'heading' as const, label, count: found.length },
      ...found.map(({ column, label: name, runs }) => ({
        kind: 'column' as const,
        column,
        label: name,
        detail: runs === null ? '' : grouped(runs),
        isMetric: column.startsWith('metric.'),
      })),
    ];
  });
}
