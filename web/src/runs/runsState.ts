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

export interface RunsState {
  /** MLflow's filter grammar. */
  q: string;
  /** Words in names. */
  search: string;
  view: View;
  sort: readonly Sort[];
  /** `null`: chosen by what the runs have. */
  cols: readonly string[] | null;
  group: readonly string[];
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
  group: list,
  hours: maybeNumber,
  sel: list,
  hide: list,
  pin: list,
};

/** The runs that a state means. Time bounds are cut to the minute, so that the same state is the same question. */
export function selectionOf(experiments: readonly string[], state: RunsState, now: number): RunSelection {
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
