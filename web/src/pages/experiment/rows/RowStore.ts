import type { QueryClient } from '@tanstack/react-query';
import { runsGroups } from '../../../api/own';
import type { Cell, Column } from '../../../api/types';
import { GAP } from '../../../runs/runList';
import { MOST_RESTARTS } from '../../../runs/useRunColumns';
import { fetchTree } from './filteredTree';
import { fetchWindow, groupsRequest, isCancelled, type Question } from './fetchWindow';
import * as tree from './rowTree';
import { WINDOW } from './rowTree';

/** Rows around the sight that are fetched before they are seen. */
const AHEAD = 150;
/** A reader who drags the scrollbar passes windows that nobody needs. */
const SETTLE = 60;
const LONGEST_WAIT = 90;

/** The rows of one question: fetched in windows around what is seen, in the order of the first answer. */
export class RowStore {
  readonly #root: tree.Source;
  readonly #listeners = new Set<() => void>();
  readonly #open: Set<string>;
  /** Rows of a filtered tree, which begins open, that the reader closed. */
  readonly #closed: Set<string>;
  /** What stands below the rows of a filtered tree. */
  #built: ReadonlyMap<string, tree.Source> | null = null;
  #spans: readonly tree.Span[];
  #version = 0;
  #seen = { first: 0, last: 40 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitsSince = 0;
  #isStopped = false;

  constructor(
    readonly client: QueryClient,
    readonly question: Question,
    /** The same table as it was: what was open stays so. */
    before: RowStore | null = null,
  ) {
    this.#open = new Set(before?.openKeys);
    this.#closed = new Set(before?.closedKeys);
    this.#root = new tree.Source('', 0, {
      selection: question.selection,
      group: question.group,
      path: [],
    });
    this.#spans = tree.spansOf(this.#root);
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another number after each change. */
  readonly version = () => this.#version;

  get isReady() {
    return this.#root.total !== null;
  }

  /** Why the first rows did not come. */
  get error() {
    return this.isReady ? null : this.#root.error;
  }

  get count() {
    return tree.countOf(this.#spans);
  }

  /** Runs that match, whether shown, in closed groups, or below others. */
  get totalRuns() {
    return this.#root.totalRuns ?? 0;
  }

  get totalGroups() {
    return this.question.group.length ? (this.#root.total ?? 0) : null;
  }

  get openKeys(): ReadonlySet<string> {
    return this.#open;
  }

  get closedKeys(): ReadonlySet<string> {
    return this.#closed;
  }

  start() {
    this.#isStopped = false;
    if (!this.isReady) this.#plan();
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  retry() {
    this.#root.error = null;
    for (const { source } of this.#spans) source.failed.clear();
    this.#changed();
    this.#plan();
  }

  rowAt(at: number): tree.Row {
    const span = tree.spanAt(this.#spans, at);
    if (!span) return { kind: 'blank', key: `-${at}`, depth: 0, error: null };
    const index = span.index + at - span.from;
    const { source } = span;
    return (
      source.rows.get(index) ?? {
        kind: 'blank',
        key: `${source.key}#${index}`,
        depth: source.depth,
        error: source.failed.has(windowOf(index)) ? source.error : null,
      }
    );
  }

  isOpen(key: string) {
    return this.#open.has(key);
  }

  /** Opens or closes a row. */
  toggle(at: number) {
    const span = tree.spanAt(this.#spans, at);
    const row = span?.source.rows.get(span.index + at - span.from);
    if (!span || !row) return;
    if (this.#open.delete(row.key)) {
      span.source.children.delete(row.key);
      this.#closed.add(row.key);
    } else {
      this.#open.add(row.key);
      this.#closed.delete(row.key);
      this.#openBelow(span.source, row);
    }
    this.#changed();
    this.#plan();
  }

  /** Tells which rows are in sight, so that they come. */
  see(first: number, last: number) {
    this.#seen = { first, last };
    clearTimeout(this.#timer);
    const now = performance.now();
    if (this.#timer === undefined) this.#waitsSince = now;
    const wait = Math.max(0, Math.min(SETTLE, this.#waitsSince + LONGEST_WAIT - now));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#plan();
    }, wait);
  }

  /** Ids of the runs between two rows, both included, fetched where they are not loaded. */
  async idsBetween(from: number, to: number): Promise<string[]> {
    const [first, last] = from <= to ? [from, to + 1] : [to, from + 1];
    await this.#load(first, last);
    const ids: string[] = [];
    for (let at = first; at < last; at += 1) {
      const row = this.rowAt(at);
      if (row.kind === 'run' && !row.isContext) ids.push(row.id);
    }
    return [...new Set(ids)];
  }

  /** Fetches the windows between two rows, whatever the reader looks at meanwhile. */
  async #load(first: number, last: number) {
    const hold = (missing: readonly [tree.Source, number][], by: 1 | -1) => {
      for (const [source, offset] of missing) {
        const count = (source.held.get(offset) ?? 0) + by;
        if (count > 0) source.held.set(offset, count);
        else source.held.delete(offset);
      }
    };
    // A list that was made anew meanwhile is read again.
    for (let round = 0; round <= MOST_RESTARTS; round += 1) {
      const missing = this.#missing(first, last);
      if (missing.length === 0) return;
      hold(missing, 1);
      try {
        await Promise.all(missing.map(([source, offset]) => this.#fetch(source, offset)));
      } finally {
        hold(missing, -1);
      }
    }
  }

  /** The ids of the runs as they stand in the table, with a gap where some are not loaded. */
  order(): string[] {
    const ids: string[] = [];
    for (const { source, index, from, to } of this.#spans) {
      for (let i = index; i < index + to - from; i += 1) {
        const row = source.rows.get(i);
        if (row?.kind === 'run') ids.push(row.id);
        else if (!row && ids.at(-1) !== GAP) ids.push(GAP);
      }
    }
    return ids;
  }

  /** The loaded runs. */
  loadedRuns(): tree.RunRow[] {
    const sources = new Set([this.#root, ...this.#spans.map(({ source }) => source)]);
    return [...sources].flatMap((source) => [...source.rows.values()].filter((row) => row.kind === 'run'));
  }

  /** The runs in sight. */
  runsInSight(): tree.RunRow[] {
    const rows: tree.RunRow[] = [];
    for (let at = this.#seen.first; at < Math.min(this.#seen.last, this.count); at += 1) {
      const row = this.rowAt(at);
      if (row.kind === 'run') rows.push(row);
    }
    return rows;
  }

  /** Loaded runs at the top level that were deleted or restored since, so that they match no more. */
  get goneFromTop(): number {
    const { view = 'active' } = this.question.selection;
    if (view === 'all') return 0;
    let gone = 0;
    for (const row of this.#root.rows.values()) {
      const stage = row.kind === 'run' && !row.isContext ? row.cells['attribute.lifecycle_stage'] : undefined;
      if (stage && stage !== view) gone += 1;
    }
    return gone;
  }

  /** Reads the groups in sight again. They stay where they stand. */
  async readGroups() {
    const { first, last } = this.#seen;
    const spans = this.#spans.filter(
      (span) => span.source.ask.group.length && span.to > first && span.from < last,
    );
    for (const [source, offset] of this.#windows(spans, first, last)) {
      const { groups } = await runsGroups(groupsRequest(this.question, source, offset));
      for (const row of tree.groupRows(groups, source, offset)) {
        const index = source.places.get(row.key);
        if (index !== undefined) source.put({ ...row, index });
      }
    }
    this.#changed();
  }

  /** Puts new values into loaded rows, where they stand. */
  patch(cellsById: ReadonlyMap<string, Readonly<Record<Column, Cell>>>) {
    for (const source of new Set(this.#spans.map((span) => span.source))) {
      for (const row of source.rows.values()) {
        const cells = row.kind === 'run' ? cellsById.get(row.id) : undefined;
        if (cells && row.kind === 'run') source.put({ ...row, cells: { ...row.cells, ...cells } });
      }
    }
    this.#changed();
  }

  #changed() {
    this.#spans = tree.spansOf(this.#root);
    this.#version += 1;
    for (const listener of [...this.#listeners]) listener();
  }

  #openBelow(source: tree.Source, row: tree.RunRow | tree.GroupRow) {
    if (source.children.has(row.key)) return;
    const built = this.#built?.get(row.key);
    if (built) source.children.set(row.key, built);
    if (this.#built) return;
    source.children.set(row.key, new tree.Source(row.key, source.depth + 1, tree.below(row, source.ask)));
  }

  /** The windows between two rows that nobody has fetched. */
  #missing(first: number, last: number): [tree.Source, number][] {
    const spans = this.#spans.filter((span) => span.to > first && span.from < last);
    return this.#windows(spans, first, last).filter(([source, offset]) => !isLoaded(source, offset));
  }

  /** The windows that hold the rows of some spans between two rows of the list. */
  #windows(spans: readonly tree.Span[], first: number, last: number): [tree.Source, number][] {
    return spans.flatMap((span) => {
      const start = span.index + Math.max(0, first - span.from);
      const end = span.index + Math.min(span.to, last) - span.from;
      return tree
        .windowsBetween(start, end, WINDOW)
        .map((offset): [tree.Source, number] => [span.source, offset]);
    });
  }

  #plan() {
    if (this.#isStopped) return;
    const { first, last } = this.#seen;
    const missing = this.#missing(Math.max(0, first - AHEAD), last + AHEAD);
    this.#takeBack(missing);
    for (const [source, offset] of missing) {
      if (source.failed.has(offset)) continue;
      // The first answer of a source says how many rows it has, and names their order.
      const from = source.total === null ? 0 : offset;
      if (!source.pending.has(from)) void this.#fetch(source, from).catch(() => undefined);
    }
  }

  /** What is on its way and needed no more. First windows stay: they say how many rows there are. */
  #takeBack(needed: readonly [tree.Source, number][]) {
    for (const source of new Set(this.#spans.map((span) => span.source))) {
      for (const [offset, key] of source.pending) {
        const isNeeded = needed.some(([other, at]) => other === source && at === offset);
        if (offset > 0 && !isNeeded && !source.held.has(offset))
          void this.client.cancelQueries({ queryKey: key, exact: true });
      }
    }
  }

  /** The whole of a filtered tree, with all of it open but for what the reader closed. */
  async #fetchTree() {
    const root = this.#root;
    root.pending.set(0, []);
    try {
      this.#built = await fetchTree(this.client, this.question, root);
      for (const key of this.#built.keys()) if (!this.#closed.has(key)) this.#open.add(key);
      for (const source of [root, ...this.#built.values()]) {
        for (const row of source.rows.values()) if (this.#open.has(row.key)) this.#openBelow(source, row);
      }
      root.failed.clear();
    } catch (error) {
      if (!isCancelled(error)) {
        root.error = error;
        root.failed.add(0);
      }
    } finally {
      root.pending.delete(0);
      this.#changed();
    }
  }

  async #fetch(source: tree.Source, offset: number) {
    if (this.question.isTree) return this.#fetchTree();
    const { key, rows } = fetchWindow(this.client, this.question, source, offset);
    source.pending.set(offset, key);
    try {
      const found = await rows;
      source.arrived(offset, found);
      for (const row of found) if (this.#open.has(row.key)) this.#openBelow(source, row);
    } catch (error) {
      if (!isCancelled(error)) {
        source.error = error;
        source.failed.add(offset);
      }
      throw error;
    } finally {
      source.pending.delete(offset);
      this.#changed();
    }
    // Rows below came into sight, or what was seen when this was asked for is elsewhere by now.
    this.see(this.#seen.first, this.#seen.last);
  }
}

const windowOf = (index: number) => Math.floor(index / WINDOW) * WINDOW;

function isLoaded(source: tree.Source, offset: number): boolean {
  return source.total !== null && source.loaded.has(offset);
}
