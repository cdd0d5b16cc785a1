/** Rows that open below others, as one flat list of which only parts are loaded. */

import type { Cell, Column, RunGroup, RunSelection, RunsTable } from '../../../api/types';

/** Rows of one request. */
export const WINDOW = 200;

export interface RunRow {
  kind: 'run';
  /** Unique in the table: a run may stand in it twice, as in a pinned row. */
  key: string;
  id: string;
  /** Place among its siblings. */
  index: number;
  depth: number;
  cells: Readonly<Record<Column, Cell>>;
  /** In a filtered tree: how many rows stand below it. */
  below?: number;
  /** It does not match: it is there to show where others stand. */
  isContext?: boolean;
}

export interface GroupRow {
  kind: 'group';
  key: string;
  index: number;
  depth: number;
  /** What the runs have in common, from the outermost group. */
  path: readonly { column: Column; is: string | null }[];
  group: RunGroup;
}

/** A row that is on its way, or did not come. */
export interface BlankRow {
  kind: 'blank';
  key: string;
  depth: number;
  error: unknown;
}

export type Row = RunRow | GroupRow | BlankRow;

export interface Ask {
  selection: RunSelection;
  /** Columns by which the rows are grouped, the outermost first; none: the rows are runs. */
  group: readonly Column[];
  path: GroupRow['path'];
}

/** Rows that stand below the same row. */
export class Source {
  total: number | null = null;
  /** How many runs are in all groups. */
  totalRuns: number | null = null;
  generation: string | null = null;
  error: unknown = null;
  readonly rows = new Map<number, RunRow | GroupRow>();
  readonly places = new Map<string, number>();
  /** What stands below rows that are open, by their keys. */
  readonly children = new Map<string, Source>();
  /** Windows on their way, and what their queries are called. */
  readonly pending = new Map<number, readonly unknown[]>();
  readonly failed = new Set<number>();
  /** Windows that are as the newest list has them. */
  readonly loaded = new Set<number>();
  /** Windows that are waited for wherever the reader looks, and by how many. */
  readonly held = new Map<number, number>();
  /** How often all windows were to be read again because the list was made anew. */
  restarts = 0;
  /** Windows that lost a run to another one, and are read again for it once. */
  readonly #repaired = new Set<number>();
  #end = 0;

  constructor(
    readonly key: string,
    readonly depth: number,
    readonly ask: Ask,
  ) {}

  put(row: RunRow | GroupRow) {
    const { key, index } = row;
    const replaced = this.rows.get(index);
    if (replaced && replaced.key !== key && this.places.get(replaced.key) === index) {
      this.places.delete(replaced.key);
    }
    const before = this.places.get(key);
    this.rows.set(index, row);
    this.places.set(key, index);
    if (before !== undefined && before !== index) this.#moved(before);
  }

  /** A window of the list as it is now: rows that came before from another list may stand elsewhere by now. */
  arrived(offset: number, rows: readonly (RunRow | GroupRow)[]) {
    for (const row of rows) this.put(row);
    this.loaded.add(offset);
    this.failed.delete(offset);
    const end = this.total ?? 0;
    if (end < this.#end) this.#cut(end);
    this.#end = end;
  }

  /** The list is shorter than it was. */
  #cut(end: number) {
    for (const [index, row] of this.rows) {
      if (index < end) continue;
      this.rows.delete(index);
      if (this.places.get(row.key) === index) this.places.delete(row.key);
    }
  }

  /** The list was made anew. The rows stay in sight until the new ones are there. */
  restart() {
    this.restarts += 1;
    this.loaded.clear();
    this.#repaired.clear();
  }

  /** The row at this place was found in another one: until the window is read again it stands here under another key. */
  #moved(index: number) {
    const old = this.rows.get(index);
    if (old) this.rows.set(index, { ...old, key: `${old.key}~${index}` });
    const offset = Math.floor(index / WINDOW) * WINDOW;
    if (this.#repaired.has(offset)) return;
    this.#repaired.add(offset);
    this.loaded.delete(offset);
  }
}

/** Neighbouring rows of one source. */
export interface Span {
  source: Source;
  /** Where they stand in the whole list, the last one not included. */
  from: number;
  to: number;
  /** Place of the first among its siblings. */
  index: number;
}

/** The whole list, from top to bottom. What has not told its length yet is one row. */
export function spansOf(root: Source): Span[] {
  const spans: Span[] = [];
  let at = 0;
  const push = (source: Source, index: number, end: number) => {
    if (end <= index) return;
    spans.push({ source, from: at, to: at + end - index, index });
    at += end - index;
  };
  const walk = (source: Source) => {
    const total = source.total ?? 1;
    const opened = [...source.children]
      .flatMap(([key, child]) => {
        const place = source.places.get(key);
        return place === undefined ? [] : [{ place, child }];
      })
      .sort((a, b) => a.place - b.place);
    let index = 0;
    for (const { place, child } of opened) {
      push(source, index, place + 1);
      walk(child);
      index = place + 1;
    }
    push(source, index, total);
  };
  walk(root);
  return spans;
}

export function countOf(spans: readonly Span[]): number {
  return spans[spans.length - 1]?.to ?? 0;
}

/** The span that has this row of the list. */
export function spanAt(spans: readonly Span[], at: number): Span | undefined {
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const found = spans[low];
  return found && at >= found.from && at < found.to ? found : undefined;
}

/** The windows of a source that hold some of its rows, as offsets. */
export function windowsBetween(first: number, last: number, size: number): number[] {
  const offsets: number[] = [];
  for (let offset = Math.floor(first / size) * size; offset < last; offset += size) offsets.push(offset);
  return offsets;
}

/** The rows of an answer. */
export function runRows(table: RunsTable, parentKey: string, depth: number): RunRow[] {
  const columns = Object.entries(table.columns);
  return table.ids.map((id, i) => ({
    kind: 'run',
    key: `${parentKey}/${id}`,
    id,
    index: table.offset + i,
    depth,
    cells: Object.fromEntries(columns.map(([column, cells]) => [column, cells[i] ?? null])),
  }));
}

/** The rows of an answer about groups. */
export function groupRows(groups: readonly RunGroup[], source: Source, offset: number): GroupRow[] {
  const [column = ''] = source.ask.group;
  return groups.map((group, i) => {
    const is = group.values[0] ?? null;
    return {
      kind: 'group',
      key: `${source.key}/${JSON.stringify(is)}`,
      index: offset + i,
      depth: source.depth,
      path: [...source.ask.path, { column, is }],
      group,
    };
  });
}

/** What stands below a row. */
export function below(row: RunRow | GroupRow, ask: Ask): Ask {
  const { selection } = ask;
  if (row.kind === 'run') {
    // All children: the filter found the parent.
    const { experiments, view } = selection;
    return {
      selection: { ...(experiments && { experiments }), ...(view && { view }), parent: row.id },
      group: [],
      path: [],
    };
  }
  const [, ...group] = ask.group;
  return {
    selection: { ...selection, where: [...(ask.selection.where ?? []), ...row.path.slice(-1)] },
    group,
    path: row.path,
  };
}
