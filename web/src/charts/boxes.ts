/** A metric by the values of a param or tag. */

import { type Axis, valueText } from './runData';
import { type BoxStatistics, boxOf } from './statistics';

export interface Box {
  name: string;
  /** The runs in it, by their place in the data. */
  runs: number[];
  values: number[];
  statistics: BoxStatistics;
}

/** One box for each value, in natural order, then one for runs without: a group is never dropped in silence. */
export function boxesOf(y: Axis, groups: readonly (string | null)[] | null, order: readonly string[]): Box[] {
  const found = new Map<string | null, { runs: number[]; values: number[] }>();
  y.values.forEach((value, run) => {
    if (value === null) return;
    const key = groups ? (groups[run] ?? null) : '';
    const group = found.get(key) ?? { runs: [], values: [] };
    group.runs.push(run);
    group.values.push(value);
    found.set(key, group);
  });
  const keys = groups ? [...order, null] : [''];
  return keys.flatMap((key) => {
    const group = found.get(key);
    const statistics = group && boxOf(group.values);
    if (!group || !statistics) return [];
    return [{ ...group, statistics, name: key === null ? '(none)' : key || y.label }];
  });
}

/** More different numbers than these are put into ranges. */
const MOST_VALUES = 24;
const RANGES = 8;

/** The groups of an axis: categories, few numbers each for itself, many in ranges of equally many runs. */
export function groupsOf(by: Axis): { groups: (string | null)[]; order: string[] } {
  if (by.kind === 'category') {
    return {
      groups: by.values.map((one) => (one === null ? null : (by.categories[one] ?? null))),
      order: [...by.categories],
    };
  }
  const sorted = by.values.filter((one) => one !== null).sort((a, b) => a - b);
  const numbers = [...new Set(sorted)];
  if (numbers.length <= MOST_VALUES) {
    return {
      groups: by.values.map((one) => (one === null ? null : String(one))),
      order: numbers.map(String),
    };
  }
  // The least of each range; the last range ends with the greatest of all.
  const starts = [
    ...new Set(Array.from({ length: RANGES }, (_, i) => sorted[Math.floor((i * sorted.length) / RANGES)])),
  ];
  const ends = starts.map((_, i) => sorted.findLast((one) => one < (starts[i + 1] ?? Infinity)));
  const names = starts.map(
    (start, i) => `${valueText(by, start ?? null)} – ${valueText(by, ends[i] ?? null)}`,
  );
  return {
    groups: by.values.map((one) =>
      one === null
        ? null
        : (names[starts.findLastIndex((start) => start !== undefined && start <= one)] ?? null),
    ),
    order: [...new Set(names)],
  };
}
