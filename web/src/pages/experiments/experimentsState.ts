import type { View } from '../../api/types';
import { type Codec, flag, list, oneOf, text } from '../../url/codec';

export const COLUMNS = ['name', 'runs', 'running', 'activity', 'created'] as const;
export type SortColumn = (typeof COLUMNS)[number];

export interface ExperimentSort {
  column: SortColumn;
  descending: boolean;
}

/** `runs` is descending, `-runs` is not, as in the runs table. What happened last comes first by default. */
const sort: Codec<ExperimentSort> = {
  parse: (raw) => {
    const name = raw?.replace(/^-/, '');
    const column = COLUMNS.find((one) => one === name) ?? 'activity';
    return { column, descending: name !== column || !raw?.startsWith('-') };
  },
  print: ({ column, descending }) => {
    if (column === 'activity' && descending) return null;
    return descending ? column : `-${column}`;
  },
};

export interface ExperimentsState {
  /** Words in names and notes, or an id. */
  q: string;
  /** `key=value`, or `key` for any value; all of them. */
  tag: readonly string[];
  view: View;
  sort: ExperimentSort;
  /** Without folders. */
  flat: boolean;
  /** Folders are closed unless flipped; else they are open unless flipped. */
  fold: boolean;
  flip: readonly string[];
  /** Folders that the reader closed under the present filter, which opens all: another filter opens them again. */
  shut: readonly string[];
}

export const experimentsSchema: { readonly [Name in keyof ExperimentsState]: Codec<ExperimentsState[Name]> } =
  {
    q: text,
    tag: list,
    view: oneOf<View>('active', 'deleted', 'all'),
    sort,
    flat: flag,
    fold: flag,
    flip: list,
    shut: list,
  };

/** A change of the state: what another filter finds is shown, whatever was closed under the one before. */
export function changed(
  state: ExperimentsState,
  change: Partial<ExperimentsState>,
): Partial<ExperimentsState> {
  const isOtherFilter =
    (change.q !== undefined && change.q !== state.q) ||
    (change.tag !== undefined && change.tag !== state.tag);
  return isOtherFilter ? { ...change, shut: [] } : change;
}

/** The lists of folders after a press on one. */
export function toggledFolder(
  state: ExperimentsState,
  path: string,
  isFiltered: boolean,
): Partial<ExperimentsState> {
  const name = isFiltered ? 'shut' : 'flip';
  const before = state[name];
  return { [name]: before.includes(path) ? before.filter((one) => one !== path) : [...before, path] };
}

export function isFolderOpen(
  state: Pick<ExperimentsState, 'fold' | 'flip' | 'shut'>,
  isFiltered: boolean,
): (path: string) => boolean {
  // What was found is shown, wherever it is.
  if (isFiltered) {
    const shut = new Set(state.shut);
    return (path) => !shut.has(path);
  }
  const flipped = new Set(state.flip);
  return (path) => flipped.has(path) === state.fold;
}
