/** The table of differences: which rows it has, and how a value relates to that of the baseline and of the others. */

import type { Cell, Column, RunsKeys, RunsTable } from '../../../api/types';
import { type Direction, directionOf } from '../../../charts/direction';
import { natural, numberOf, textOf } from '../../../charts/runData';
import { shortNumber } from '../../../format/number';
import { duration, localTime } from '../../../format/time';
import type { CsvCell } from '../../../format/csv';
import { type MetricValues, metricColumn } from '../compareState';

export type Section = 'Attributes' | 'Params' | 'Metrics' | 'Tags';

export interface DifferenceRow {
  section: Section;
  column: Column;
  label: string;
  differs: boolean;
  /** For metrics. */
  direction: Direction;
}

/** Shown elsewhere: the name at the top, the note in its own tab. */
const HIDDEN_TAGS = ['mlflow.note.content', 'mlflow.runName', 'oxflow.color'];
const SHOWN_ATTRIBUTES = [
  'status',
  'experiment_id',
  'start_time',
  'end_time',
  'duration',
  'user_id',
  'lifecycle_stage',
  'run_id',
  'artifact_uri',
];

interface Question {
  keys: Pick<RunsKeys, 'metrics' | 'params' | 'tags'>;
  /** The attributes of the runs. */
  attributes: Readonly<Record<Column, readonly Cell[]>>;
  directions: ReadonlyMap<string, Direction>;
  values: MetricValues;
}

/** Every row, in sections, what matters most first; keys in natural order, those that MLflow writes itself last. */
export function differenceRows({ keys, attributes, directions, values }: Question): DifferenceRow[] {
  const rows: DifferenceRow[] = [];
  const attributeRows: DifferenceRow[] = SHOWN_ATTRIBUTES.map((key) => ({
    section: 'Attributes',
    column: `attribute.${key}`,
    label: key === 'experiment_id' ? 'experiment' : key.replaceAll('_', ' '),
    // These always differ, which says nothing.
    differs: !/^(run_id|artifact_uri)$/.test(key) && differs(attributes[`attribute.${key}`] ?? []),
    direction: null,
  }));
  const isOwn = (key: string) => (/^(mlflow\.|system\/)/.test(key) ? 1 : 0);
  const sorted = (all: RunsKeys['params']) =>
    [...all].sort((a, b) => isOwn(a.key) - isOwn(b.key) || natural(a.key, b.key));
  const row = (
    section: Section,
    column: Column,
    key: string,
    isDifferent: boolean | null,
  ): DifferenceRow => ({
    section,
    column,
    label: key,
    differs: isDifferent ?? true,
    direction: null,
  });
  for (const { key, differs } of sorted(keys.metrics)) {
    const direction = directions.has(key) ? (directions.get(key) ?? null) : directionOf(key);
    // The least of two runs may differ where the last does not.
    const isDifferent = values === 'last' ? differs : true;
    rows.push({ ...row('Metrics', metricColumn(key, values), key, isDifferent), direction });
  }
  for (const { key, differs } of sorted(keys.params)) rows.push(row('Params', `param.${key}`, key, differs));
  rows.push(...attributeRows);
  for (const { key, differs } of sorted(keys.tags)) {
    if (!HIDDEN_TAGS.includes(key)) rows.push(row('Tags', `tag.${key}`, key, differs));
  }
  return rows;
}

/** Whether two of the cells are not the same; none is also a value. */
export function differs(cells: readonly Cell[]): boolean {
  return cells.some((cell) => textOf(cell) !== textOf(cells[0]) || (cell === null) !== (cells[0] === null));
}

/** Those that the reader asked for. */
export function shownRows(rows: readonly DifferenceRow[], isAll: boolean, find: string): DifferenceRow[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      (isAll || row.differs) &&
      words.every(
        (word) => row.label.toLowerCase().includes(word) || row.section.toLowerCase().startsWith(word),
      ),
  );
}

/** A cell in words. */
export function cellWords(column: Column, cell: Cell): string {
  if (cell === null) return '–';
  if (column === 'attribute.duration') return duration(Number(cell));
  if (column === 'attribute.start_time' || column === 'attribute.end_time') return localTime(Number(cell));
  const value = column.startsWith('metric') ? numberOf(cell) : undefined;
  return value === undefined ? textOf(cell) : shortNumber(value);
}

export interface Delta {
  /** `+0.012 (+3.1 %)`. */
  text: string;
  /** Whether it is an improvement; `null`: the same, or nobody knows. */
  isBetter: boolean | null;
}

/** How a metric differs from the baseline's; `null` where there is no number to say. */
export function deltaOf(cell: Cell, base: Cell, direction: Direction): Delta | null {
  const [value, from] = [
    cell === null ? undefined : numberOf(cell),
    base === null ? undefined : numberOf(base),
  ];
  if (value === undefined || from === undefined || !Number.isFinite(value) || !Number.isFinite(from))
    return null;
  const change = value - from;
  if (change === 0) return { text: '±0', isBetter: null };
  const share = from === 0 ? '' : ` (${signed((change / Math.abs(from)) * 100, 1)} %)`;
  return {
    text: `${change > 0 ? '+' : ''}${shortNumber(change)}${share}`,
    isBetter: direction === null ? null : change > 0 === (direction === 'up'),
  };
}

function signed(value: number, digits: number): string {
  const size = Math.abs(value);
  const text = size >= 1000 ? shortNumber(Math.round(size)) : size.toFixed(digits);
  return `${value > 0 ? '+' : '−'}${text}`;
}

/** For each run how good its value is among all: 1 the best, 0 the worst. Without a direction: how great. */
export function heatOf(cells: readonly Cell[], direction: Direction): (number | null)[] {
  const values = cells.map((cell) => {
    const value = cell === null ? undefined : numberOf(cell);
    return value === undefined || !Number.isFinite(value) ? null : value;
  });
  const known = values.filter((one) => one !== null);
  const low = known.reduce((a, b) => Math.min(a, b), Infinity);
  const high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.map((value) => {
    if (value === null || !(high > low)) return null;
    const share = (value - low) / (high - low);
    return direction === 'down' ? 1 - share : share;
  });
}

/** What a press on the direction of a metric makes of it. */
export function nextDirection(direction: Direction): Direction {
  return direction === 'up' ? 'down' : direction === 'down' ? null : 'up';
}

/** All of it for another program: numbers in full, times as ISO 8601. */
export function tableOf(
  rows: readonly DifferenceRow[],
  runs: readonly { id: string; name: string; experiment: string }[],
  { ids, columns }: Pick<RunsTable, 'ids' | 'columns'>,
  isTransposed: boolean,
): CsvCell[][] {
  const at = new Map(ids.map((id, i) => [id, i]));
  const body = rows.map((row): CsvCell[] => [
    row.section.slice(0, -1).toLowerCase(),
    row.label,
    ...runs.map((run) => {
      if (row.column === 'attribute.experiment_id') return run.experiment;
      const cell = columns[row.column]?.[at.get(run.id) ?? -1] ?? null;
      if (typeof cell === 'number') return /_time$/.test(row.column) ? new Date(cell).toISOString() : cell;
      return cell === null ? null : textOf(cell);
    }),
  ]);
  const table = [['kind', 'key', ...runs.map((run) => run.name)], ...body];
  return isTransposed ? (table[0] ?? []).map((_, column) => table.map((row) => row[column])).slice(1) : table;
}
