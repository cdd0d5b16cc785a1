import type { QueryClient } from '@tanstack/react-query';

/** What tells of runs, whichever: tables, their groups, keys and children, and the counts of experiments. */
const ABOUT_RUNS = ['runs/table', 'runs/groups', 'runs/keys', 'runs/search', 'experiments/summary'] as const;

/** After a run was changed here: whatever showed it before reads it again when it is shown. */
export async function afterChange(client: QueryClient, runId: string): Promise<void> {
  for (const about of ABOUT_RUNS) void client.invalidateQueries({ queryKey: [about] });
  await client.invalidateQueries({ queryKey: ['runs/get', runId] });
}
