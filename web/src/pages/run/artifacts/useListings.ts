import { useQueries, useQuery } from '@tanstack/react-query';
import { listArtifacts, type Run } from '../../../api/mlflow';
import { type Listing, sorted } from './treeRows';

const listing = (run: Run, folder: string) => ({
  queryKey: ['artifacts/list', run.info.run_id, folder],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    sorted((await listArtifacts(run.info.run_id, folder, signal)).files),
  staleTime: 10_000,
});

/** What is in each of these folders. */
export function useListings(run: Run, folders: readonly string[]): ReadonlyMap<string, Listing> {
  return useQueries({
    queries: folders.map((folder) => listing(run, folder)),
    combine: (answers) =>
      new Map(folders.map((folder, i) => [folder, { files: answers[i]?.data, error: answers[i]?.error }])),
  });
}

/** What is in one folder. */
export const useListing = (run: Run, folder: string) => useQuery(listing(run, folder));
