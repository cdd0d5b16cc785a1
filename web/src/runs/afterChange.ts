import type { QueryClient } from '@tanstack/react-query';

/** What tells of runs, whichever: tables, their groups, keys and children, and the counts of experiments. */
const ABOUT_RUNS = ['runs/table', 'runs/groups', 'runs/keys', 'runs/search', 'experiments/summary'] as const;

/** After a run was changed here: whatever showed it before reads it again when it is shown. */
export async function afterChange(client: QueryClient, runId: string): Promise<void> {
  readAgain(client);
  await client.invalidateQueries({ queryKey: ['runs/get', runId] });
}

/** After runs were removed for good: nothing shows them any more. */
export function afterPurge(client: QueryClient, runIds: readonly string[]): void {
  for (const id of runIds) client.removeQueries({ queryKey: ['runs/get', id] });
  readAgain(client);
}

function readAgain(client: QueryClient) {
  for (const about of ABOUT_RUNS) void client.invalidateQueries({ queryKey: [about] });
}
