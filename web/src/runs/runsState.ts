/** What the runs table and the charts of an experiment show: one state, in the URL, for both tabs. */

import type { RunSelection, Sort, View } from '../api/types';
import { type Codec, list, maybeList, maybeNumber, oneOf, text } from '../url/codec';

/** `metric.loss` is descending, `-metric.loss` is not: a table is looked at from its best or latest row. */
const sorts: Codec<readonly Sort[]> = {
  parse: (raw) =>
    list
      .parse(raw)
      .map((one) =>
        one.startsWith('-') ? { column: one.slice(1), descending: false } : { column: one, descending: true },
      ),
  print: (value) => list.print(value.map(({ column, descending }) => (descending ? column : `-${column}`))),
};

/** Which number stands for a group of runs: `stderr` is the mean with another ± beside it. */
export type GroupShow = 'mean' | 'stderr' | 'median' | 'min' | 'max';

export interface RunsState {
  /** MLflow's filter grammar. */
  q: string;
  /** Words in names. */
  search: string;
  view: View;
  sort: readonly Sort[];
  /** `null`: chosen by what the runs have. */
  cols: readonly string[] | null;
  /** Columns that stay at the left edge, beside the name. */
  fix: readonly string[];
  group: readonly string[];
  show: GroupShow;
  /** Child runs below their parents; `auto`: where there are any and nothing is filtered. */
  nested: 'auto' | 'on' | 'off';
  /** Runs that started in the last so many hours. */
  hours: number | null;
  /** Selected runs. */
  sel: readonly string[];
  /** Runs that the charts leave out. */
  hide: readonly string[];
  /** Runs that stay at the top. */
  pin: readonly string[];
}

export const runsSchema: { readonly [Name in keyof RunsState]: Codec<RunsState[Name]> } = {
  q: text,
  search: text,
  view: oneOf<View>('active', 'deleted', 'all'),
  sort: sorts,
  cols: maybeList,
  fix: list,
  group: list,
  show: oneOf<GroupShow>('mean', 'stderr', 'median', 'min', 'max'),
  nested: oneOf<RunsState['nested']>('auto', 'on', 'off'),
  hours: maybeNumber,
  sel: list,
  hide: list,
  pin: list,
};

/** The runs that a state means. Time bounds are cut to the minute, so that the same state is the same question. */
export function selectionOf(
  experiments: readonly string[],
  state: Pick<RunsState, 'q' | 'search' | 'view' | 'hours'>,
  now: number,
): RunSelection {
  const minute = 60_000;
  return {
    experiments,
    ...(state.q && { q: state.q }),
    ...(state.search && { search: state.search }),
    view: state.view,
    ...(state.hours !== null && {
      started_after: Math.floor((now - state.hours * 60 * minute) / minute) * minute,
    }),
  };
}
