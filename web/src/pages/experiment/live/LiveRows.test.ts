import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change } from '../../../api/events';
import type { RunsGroupsRequest, RunsTableRequest } from '../../../api/types';
import type { Question } from '../rows/fetchWindow';
import { RowStore } from '../rows/RowStore';
import { type Difference, LiveRows } from './LiveRows';

const QUESTION: Question = {
  selection: { experiments: ['1'], view: 'active' },
  sort: [],
  columns: ['attribute.run_name', 'attribute.lifecycle_stage'],
  group: [],
  aggregate: 'mean',
  epoch: 0,
};

interface ServedRun {
  name: string;
  stage: 'active' | 'deleted';
}

/** A server whose runs the test changes. */
const server = {
  runs: new Map<string, ServedRun>(),
  asked: [] as (RunsTableRequest | RunsGroupsRequest)[],
  /** Answers wait for this. */
  gate: Promise.resolve(),
};

async function answer(url: string, init: RequestInit): Promise<Response> {
  const body = JSON.parse(String(init.body)) as RunsTableRequest;
  server.asked.push(body);
  const active = [...server.runs].filter(([, run]) => run.stage === 'active');
  const found = body.ids ? body.ids.filter((id) => server.runs.has(id)) : active.map(([id]) => id);
  const ids = found.slice(body.offset, body.offset + body.limit);
  const cells = (of: (run: ServedRun | undefined) => string) => ids.map((id) => of(server.runs.get(id)));
  await server.gate;
  if (url.includes('runs/groups')) {
    const group = { values: ['adam'], count: active.length, running: 0, metrics: {} };
    return Response.json({ total: active.length, total_groups: 1, offset: 0, groups: [group] });
  }
  return Response.json({
    total: found.length,
    offset: body.offset,
    generation: 'g',
    ids,
    columns: {
      'attribute.run_name': cells((run) => run?.name ?? ''),
      'attribute.lifecycle_stage': cells((run) => run?.stage ?? ''),
    },
  });
}

const guess: Change = { runs: [], experiments: ['1'], isGuess: true };
const add = (id: string) => server.runs.set(id, { name: id, stage: 'active' });
const settled = () => vi.advanceTimersByTimeAsync(5_000);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', answer);
  server.runs.clear();
  server.asked = [];
  server.gate = Promise.resolve();
  for (let i = 0; i < 450; i += 1) add(`r${i}`);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function table(question = QUESTION) {
  const store = new RowStore(new QueryClient(), question);
  store.start();
  await settled();
  const differences: Difference[] = [];
  const live = new LiveRows(store, {
    onDifference: (difference) => differences.push(difference),
    onFirst: () => undefined,
  });
  const cells = (at: number) => {
    const row = store.rowAt(at);
    return row.kind === 'run' ? row.cells : {};
  };
  return { store, live, differences, cells };
}

test('a guess reads all rows in sight again, whatever their status', async () => {
  const { live, cells } = await table();
  server.runs.set('r3', { name: 'renamed', stage: 'active' });
  live.tell(guess);
  await settled();
  expect(cells(3)['attribute.run_name']).toBe('renamed');
});

test('one run more and one deleted are told, not their sum', async () => {
  const { live, differences, cells } = await table();
  server.runs.set('r3', { name: 'r3', stage: 'deleted' });
  add('newcomer');
  live.tell(guess);
  await settled();
  expect(cells(3)['attribute.lifecycle_stage']).toBe('deleted');
  expect(differences.at(-1)).toEqual({ more: 1, fewer: 1 });
});

test('all changed rows are read, however many they are', async () => {
  const { store, live, cells } = await table();
  store.see(0, 450);
  await settled();
  for (const run of server.runs.values()) run.name = 'all renamed';
  const runs = [...server.runs.keys()].map((run_id) => ({
    run_id,
    experiment_id: '1',
    what: ['tags' as const],
  }));
  live.tell({ runs, experiments: ['1'], isGuess: false });
  await settled();
  expect(cells(0)['attribute.run_name']).toBe('all renamed');
  expect(cells(449)['attribute.run_name']).toBe('all renamed');
});

test('a table that is shown no more tells no difference', async () => {
  const { live, differences } = await table();
  let release: () => void = () => undefined;
  server.gate = new Promise((done) => (release = done));
  add('newcomer');
  live.tell(guess);
  await settled();
  live.stop();
  release();
  await settled();
  expect(differences).toEqual([]);
});

test('what changes while the first rows are on their way is read after them', async () => {
  let release: () => void = () => undefined;
  server.gate = new Promise((done) => (release = done));
  const { live, differences } = await table();
  live.tell(guess);
  add('newcomer');
  release();
  await settled();
  expect(differences.at(-1)).toEqual({ more: 1, fewer: 0 });
});

test('groups follow, at most every two seconds', async () => {
  const { store, live } = await table({ ...QUESTION, group: ['param.optimizer'] });
  add('newcomer');
  for (let i = 0; i < 3; i += 1) {
    live.tell(guess);
    await vi.advanceTimersByTimeAsync(100);
  }
  await settled();
  const row = store.rowAt(0);
  expect(row.kind === 'group' && row.group.count).toBe(451);
  expect(server.asked.filter((body) => 'group' in body)).toHaveLength(3);
});
