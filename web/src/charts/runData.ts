/** Runs and their columns as charts take them: each column is an axis of numbers, times or categories. */

import { type Cell, type Column, number, type RunsTable } from '../api/types';
import { shortNumber } from '../format/number';
import { localTime } from '../format/time';
import { COLOR_TAG, runColor } from '../runs/colors';

export interface RunData {
  ids: readonly string[];
  names: readonly string[];
  /** CSS colours. */
  colors: readonly string[];
  cells: Readonly<Record<Column, readonly Cell[]>>;
}

/** The columns that every chart needs, for names and colours. */
export const NAME_COLUMNS: readonly Column[] = ['attribute.run_name', `tag.${COLOR_TAG}`];

interface Look {
  /** Runs that are left out. */
  hidden?: readonly string[] | undefined;
  /** Colours of runs that are shown elsewhere too. */
  colors?: ReadonlyMap<string, string> | undefined;
}

export function runDataOf(
  table: Pick<RunsTable, 'ids' | 'columns'>,
  { hidden = [], colors }: Look = {},
): RunData {
  const isHidden = new Set(hidden);
  const kept = table.ids.flatMap((id, i) => (isHidden.has(id) ? [] : [i]));
  const shown = kept.length < table.ids.length ? rowsOf(table, kept) : table;
  const names = shown.columns['attribute.run_name'] ?? [];
  const chosen = shown.columns[`tag.${COLOR_TAG}`] ?? [];
  return {
    ids: shown.ids,
    names: shown.ids.map((id, i) => textOf(names[i]) || id.slice(0, 8)),
    colors: shown.ids.map((id, i) => colors?.get(id) ?? runColor(id, textOf(chosen[i]))),
    cells: shown.columns,
  };
}

/** Some rows of a table, in this order. */
export function rowsOf<Table extends Pick<RunsTable, 'ids' | 'columns'>>(
  table: Table,
  rows: readonly number[],
): Table {
  return {
    ...table,
    ids: rows.map((row) => table.ids[row] ?? ''),
    columns: Object.fromEntries(
      Object.entries(table.columns).map(([column, cells]) => [column, rows.map((row) => cells[row] ?? null)]),
    ),
  };
}

export interface Axis {
  column: Column;
  /** `lr`, without its kind. */
  label: string;
  kind: 'number' | 'time' | 'category';
  /** A number for each run: of a category, its place in `categories`. `null` where it cannot be drawn. */
  values: readonly (number | null)[];
  /** In the order of the axis; empty for numbers. */
  categories: readonly string[];
  /** Runs without a value. */
  missing: number;
  /** Runs whose value is NaN or ±∞. */
  notFinite: number;
}

const TIMES: readonly Column[] = ['attribute.start_time', 'attribute.end_time'];

/** A param or tag is an axis of numbers when all its values are; a metric always is. */
export function axisOf(data: RunData, column: Column): Axis {
  const cells = data.cells[column] ?? [];
  const label = labelOf(column);
  const size = data.ids.length;
  const all = Array.from({ length: size }, (_, i) => cells[i] ?? null);
  const numbers = all.map((cell) => (cell === null ? null : numberOf(cell)));
  const isNumeric = /^metric/.test(column) || numbers.every((one, i) => one !== undefined || all[i] === null);
  const missing = all.filter((cell) => cell === null).length;
  if (isNumeric && (missing < size || /^metric/.test(column) || TIMES.includes(column))) {
    return {
      column,
      label,
      kind: TIMES.includes(column) ? 'time' : 'number',
      values: numbers.map((one) => (isFiniteNumber(one) ? one : null)),
      categories: [],
      missing,
      notFinite: numbers.filter((one) => one !== null && !isFiniteNumber(one)).length,
    };
  }
  const texts = all.map((cell) => (cell === null ? null : textOf(cell)));
  const categories = [...new Set(texts.filter((text) => text !== null))].sort(natural);
  const place = new Map(categories.map((text, i) => [text, i]));
  return {
    column,
    label,
    kind: 'category',
    values: texts.map((text) => (text === null ? null : (place.get(text) ?? null))),
    categories,
    missing,
    notFinite: 0,
  };
}

/** An axis of numbers as a logarithmic one shows it: what is not above zero has no place on it. */
export function positive(axis: Axis): Axis {
  if (axis.kind !== 'number') return axis;
  const values = axis.values.map((one) => (one !== null && one > 0 ? one : null));
  const lost = axis.values.filter((one) => one !== null && one <= 0).length;
  return { ...axis, values, notFinite: axis.notFinite + lost };
}

/** An axis of few numbers as one of categories, for a heat map; with more than `most` it stays as it is. */
export function asCategories(axis: Axis, most: number): Axis {
  if (axis.kind !== 'number') return axis;
  const numbers = [...new Set(axis.values.filter((one) => one !== null))].sort((a, b) => a - b);
  if (numbers.length > most) return axis;
  const place = new Map(numbers.map((one, i) => [one, i]));
  return {
    ...axis,
    kind: 'category',
    categories: numbers.map(shortNumber),
    values: axis.values.map((one) => (one === null ? null : (place.get(one) ?? null))),
  };
}

/** What a value of an axis is called. */
export function valueText(axis: Axis, value: number | null): string {
  if (value === null) return '–';
  if (axis.kind === 'category') return axis.categories[value] ?? '–';
  return axis.kind === 'time' ? localTime(value) : shortNumber(value);
}

/** What the run has on this axis, also if it cannot be drawn. */
export function cellText(data: RunData, axis: Axis, run: number): string {
  const value = axis.values[run] ?? null;
  if (value !== null) return valueText(axis, value);
  const cell = data.cells[axis.column]?.[run] ?? null;
  return cell === null ? '–' : textOf(cell);
}

const KIND_WORDS: Record<string, string> = {
  metric_min: ' (min)',
  metric_max: ' (max)',
  metric_step: ' (step)',
};

/** `lr` for `param.lr`; `loss (min)` for `metric_min.loss`; `start time` for the attribute. */
export function labelOf(column: Column): string {
  const at = column.indexOf('.');
  const kind = at < 0 ? '' : column.slice(0, at);
  const key = column.slice(at + 1);
  return kind === 'attribute' ? key.replaceAll('_', ' ') : key + (KIND_WORDS[kind] ?? '');
}

/** Why some runs are not drawn, in words; empty if all are. */
export function leftOut(axes: readonly Axis[], logarithmic: readonly Column[] = []): string {
  const reasons: string[] = [];
  for (const axis of new Map(axes.map((one) => [one.column, one])).values()) {
    if (axis.missing) reasons.push(`${runs(axis.missing)} without ${axis.label}`);
    if (axis.notFinite) reasons.push(`${runs(axis.notFinite)} with ${axis.label} NaN or infinite`);
    if (logarithmic.includes(axis.column)) {
      const low = axis.values.filter((one) => one !== null && one <= 0).length;
      if (low) reasons.push(`${runs(low)} with ${axis.label} ≤ 0, which has no logarithm`);
    }
  }
  return reasons.length ? `Not drawn: ${reasons.join('; ')}.` : '';
}

export function runs(count: number): string {
  return count === 1 ? '1 run' : `${count.toLocaleString('en-US')} runs`;
}

/** The least and greatest value; `null` if there is none. A loop: an argument list has no room for 10,000. */
export function extent(values: Iterable<number | null>): [number, number] | null {
  let least = Infinity;
  let greatest = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return least <= greatest ? [least, greatest] : null;
}

/** Texts as people order them: `b2` before `b10`. */
export const natural = new Intl.Collator('en', { numeric: true }).compare;

export function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (!Array.isArray(cell)) return String(cell);
  return cell.map((one) => ('version' in one ? `${one.name} ${one.version}` : one.name)).join(', ');
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;

/** The number that a cell is; `undefined` if it is none. */
export function numberOf(cell: Cell): number | undefined {
  if (typeof cell === 'number') return number(cell);
  if (typeof cell !== 'string') return undefined;
  const text = cell.trim();
  if (NUMBER.test(text)) return Number(text);
  if (!NOT_FINITE.test(text)) return undefined;
  return /nan/i.test(text) ? NaN : text.startsWith('-') ? -Infinity : Infinity;
}

/** MLflow stores ±∞ as the largest double, which no axis can hold beside others. */
function isFiniteNumber(value: number | null | undefined): value is number {
  return (
    value !== null && value !== undefined && Number.isFinite(value) && Math.abs(value) < Number.MAX_VALUE
  );
}
