import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError } from '../../../api/http';
import { listArtifacts } from '../../../api/mlflow';
import type { ComparedRun } from '../useComparedRuns';
import { type UnionEntry, unionOf } from './union';

export interface Union {
  entries: readonly UnionEntry[];
  isLoading: boolean;
  /** Runs whose artifacts could not be listed, and why. */
  failed: readonly { run: ComparedRun; message: string }[];
}

/** One folder of the runs' artifacts. A run without the folder has nothing there, which is no error. */
export function useUnion(runs: readonly ComparedRun[], folder: string): Union {
  const { listings, errors, isLoading } = useQueries({
    queries: runs.map((run) => ({
      queryKey: ['artifacts/list', run.id, folder],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        try {
          return (await listArtifacts(run.id, folder, signal)).files;
        } catch (error) {
          if (folder && error instanceof ApiError && error.status === 404) return [];
          throw error;
        }
      },
      staleTime: 30_000,
    })),
    combine: (all) => ({
      listings: all.map((one) => one.data),
      errors: all.map((one) => one.error),
      isLoading: all.some((one) => one.isLoading),
    }),
  });
  return useMemo(
    () => ({
      entries: unionOf(runs.map((run, i) => ({ runId: run.id, files: listings[i] ?? [] }))),
      failed: runs.flatMap((run, i) => (errors[i] ? [{ run, message: errors[i].message }] : [])),
      isLoading,
    }),
    [runs, listings, errors, isLoading],
  );
}
