/** What a filter finds below its ancestors, which need not match: they show where a run stands. */

import type { QueryClient } from '@tanstack/react-query';
import { runsTable } from '../../../api/own';
import type { Cell, Column, RunSelection, RunsTable } from '../../../api/types';
import type { Question } from './fetchWindow';
import { type RunRow, runRows, Source, WINDOW } from './rowTree';

/** The whole tree is read at once; more matches than these stand in a list. */
export const MOST_IN_TREE = 1_000;
/** A chain of more parents is cut. */
const DEEPEST = 100;

const PARENT = 'parent';
const EXPERIMENT = 'attribute.experiment_id';
const STAGE = 'attribute.lifecycle_stage';

/** Fills the root with the tree; tells what stands below which row. */
export async function fetchTree(
  client: QueryClient,
  { selection, sort, columns: shown, epoch }: Question,
  root: Source,
): Promise<Map<string, Source>> {
  const columns = [...new Set([...shown, PARENT, EXPERIMENT, STAGE])];
  const ask = (part: RunSelection) => {
    const body = { ...part, columns, sort: part.ids ? [] : sort, offset: 0, limit: MOST_IN_TREE };
    return client.fetchQuery({
      queryKey: ['runs/table', 'tree', body, epoch],
      queryFn: ({ signal }) => runsTable(body, signal),
      staleTime: 10_000,
      retry: 1,
    });
  };
  const matches = await ask(selection);
  const found = new Map<string, RunCells>(cellsOf(matches));
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const missing = parentsMissing(found);
    if (missing.length === 0) break;
    // What the server does not have is asked for once.
    for (const id of missing) found.set(id, null);
    const answer = await ask({ ids: missing.slice(0, MOST_IN_TREE), view: 'all' });
    for (const [id, cells] of cellsOf(answer)) if (belongs(cells, selection)) found.set(id, cells);
  }
  root.totalRuns = matches.total;
  return build(root, matches.ids, found);
}

type Cells = Readonly<Record<Column, Cell>>;
/** `null`: no run of these experiments. */
type RunCells = Cells | null;

const cellsOf = (table: RunsTable) =>
  runRows(table, '', 0).map((row): [string, Cells] => [row.id, row.cells]);

function parentsMissing(found: ReadonlyMap<string, RunCells>): string[] {
  const parents = [...found.values()].map((cells) => cells?.[PARENT]);
  return [...new Set(parents)].filter((id): id is string => typeof id === 'string' && !found.has(id));
}

/** As for the whole table: a parent elsewhere, or in the trash, is none. */
function belongs(cells: Cells, { experiments, view = 'active' }: RunSelection): boolean {
  const isHere = !experiments || experiments.includes(String(cells[EXPERIMENT]));
  return isHere && (view === 'all' || cells[STAGE] === view);
}

/** Puts the rows below each other. A row stands where the first match at or below it stands. */
export function build(
  root: Source,
  matches: readonly string[],
  found: ReadonlyMap<string, RunCells>,
): Map<string, Source> {
  const below = new Map<string | null, string[]>();
  const placed = new Set<string>();
  for (const id of matches) {
    // From the match up to what is placed already; a circle of parents ends where it began.
    const chain = new Set<string>();
    let at: string | null = id;
    while (at !== null && !placed.has(at)) {
      chain.add(at);
      const parent: Cell = found.get(at)?.[PARENT] ?? null;
      const isThere: boolean = typeof parent === 'string' && Boolean(found.get(parent)) && !chain.has(parent);
      const above: string | null = isThere ? String(parent) : null;
      below.set(above, [...(below.get(above) ?? []), at]);
      placed.add(at);
      at = above;
    }
  }
  const isMatch = new Set(matches);
  const sources = new Map<string, Source>();
  const fill = (source: Source, ids: readonly string[]) => {
    source.total = ids.length;
    for (let offset = 0; offset === 0 || offset < ids.length; offset += WINDOW) source.loaded.add(offset);
    ids.forEach((id, index) => {
      const children = below.get(id) ?? [];
      const row: RunRow = {
        kind: 'run',
        key: `${source.key}/${id}`,
        id,
        index,
        depth: source.depth,
        cells: found.get(id) ?? {},
        below: children.length,
        isContext: !isMatch.has(id),
      };
      source.put(row);
      if (children.length === 0) return;
      const next = new Source(row.key, source.depth + 1, source.ask);
      sources.set(row.key, next);
      fill(next, children);
    });
  };
  fill(root, below.get(null) ?? []);
  return sources;
}
