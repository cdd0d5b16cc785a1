import { CancelledError, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { runsGroups, runsTable } from '../../../api/own';
import type { Aggregate, Column, RunSelection, RunsGroupsRequest, Sort } from '../../../api/types';
import { partsOf } from '../../../runs/columns';
import { MOST_RESTARTS } from '../../../runs/useRunColumns';
import { type GroupRow, groupRows, type RunRow, runRows, type Source, WINDOW } from './rowTree';

/** Everything that decides which rows a table has, in which order. */
export interface Question {
  selection: RunSelection;
  sort: readonly Sort[];
  /** As the server knows them. */
  columns: readonly Column[];
  group: readonly Column[];
  aggregate: Aggregate;
  /** What matches stands below its ancestors, all of it read at once. */
  isTree?: boolean;
  /** Counts the times that the reader asked for what is new. */
  epoch: number;
}

/** A window of rows on its way. */
export interface Fetching {
  key: QueryKey;
  rows: Promise<readonly (RunRow | GroupRow)[]>;
}

/** Asks for a window of a source; when it is there, the source knows its length and order. */
export function fetchWindow(
  client: QueryClient,
  question: Question,
  source: Source,
  offset: number,
): Fetching {
  return source.ask.group.length
    ? fetchGroups(client, question, source, offset)
    : fetchRuns(client, question, source, offset);
}

/** Whether somebody took the request back: no failure. */
export function isCancelled(error: unknown): boolean {
  return error instanceof CancelledError || (error instanceof DOMException && error.name === 'AbortError');
}

function fetchRuns(client: QueryClient, question: Question, source: Source, offset: number): Fetching {
  const { sort, columns, epoch } = question;
  const { generation } = source;
  const body = { ...source.ask.selection, columns, sort, offset, limit: WINDOW, generation };
  const key = ['runs/table', body, epoch];
  const rows = async () => {
    const table = await client.fetchQuery({
      queryKey: key,
      queryFn: ({ signal }) => runsTable(body, signal),
      // In the order of a generation nothing changes; the first answer makes one.
      staleTime: generation === null ? 10_000 : Infinity,
      retry: 1,
    });
    // The order was made anew: rows of the old one are somewhere else now. Where no order lasts, each window counts as it came.
    const isAnew = source.generation !== null && source.generation !== table.generation;
    if (isAnew && source.restarts < MOST_RESTARTS) source.restart();
    source.generation = table.generation;
    source.total = table.total;
    source.totalRuns = table.total;
    return runRows(table, source.key, source.depth);
  };
  return { key, rows: rows() };
}

function fetchGroups(client: QueryClient, question: Question, source: Source, offset: number): Fetching {
  const body = groupsRequest(question, source, offset);
  const key = ['runs/groups', body, question.epoch];
  const rows = async () => {
    const answer = await client.fetchQuery({
      queryKey: key,
      queryFn: ({ signal }) => runsGroups(body, signal),
      staleTime: 10_000,
      retry: 1,
    });
    source.total = answer.total_groups;
    source.totalRuns = answer.total;
    return groupRows(answer.groups, source, offset);
  };
  return { key, rows: rows() };
}

/** What is asked for a window of groups. */
export function groupsRequest(
  { sort, columns, aggregate }: Question,
  source: Source,
  offset: number,
): RunsGroupsRequest {
  const [column = ''] = source.ask.group;
  return {
    ...source.ask.selection,
    group: [column],
    columns: columns.filter((name) => partsOf(name).kind === 'metric'),
    sort: groupSort(sort, column, aggregate),
    offset,
    limit: WINDOW,
  };
}

/** By metrics as they are shown, by the group itself, or the largest first: the rest says nothing about groups. */
export function groupSort(sort: readonly Sort[], column: Column, aggregate: Aggregate) {
  const known = sort.flatMap((one) => {
    if (one.column === column || one.column === 'count') return [one];
    return partsOf(one.column).kind === 'metric' ? [{ ...one, aggregate }] : [];
  });
  return known.length ? known : [{ column: 'count', descending: true }];
}
