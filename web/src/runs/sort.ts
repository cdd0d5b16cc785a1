import type { Column, Sort } from '../api/types';
import { isMetric } from './columns';

/** What a first press sorts by: numbers and times from the greatest, texts from A. */
function startsDescending(column: Column): boolean {
  return (
    isMetric(column) ||
    ['attribute.start_time', 'attribute.end_time', 'attribute.duration', 'count'].includes(column)
  );
}

/** The order after a press on a heading: one way, the other way, not at all. `isAdded` keeps the other columns. */
export function pressed(sort: readonly Sort[], column: Column, isAdded: boolean): readonly Sort[] {
  const before = sort.find((one) => one.column === column);
  const first = startsDescending(column);
  const next = !before
    ? { column, descending: first }
    : before.descending === first
      ? { column, descending: !first }
      : null;
  if (!isAdded) return next ? [next] : [];
  if (!before) return next ? [...sort, next].slice(-8) : sort;
  return sort.flatMap((one) => (one.column === column ? (next ? [next] : []) : [one]));
}

/** Sorted by this one alone. */
export function only(column: Column, descending: boolean): readonly Sort[] {
  return [{ column, descending }];
}
