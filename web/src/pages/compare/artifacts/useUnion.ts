import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { ApiError } from '../../../api/http';
import { listArtifacts, type PageOfFolder } from '../../../api/mlflow';
import { entryAt } from '../../../artifacts/entryAt';
import {
  type Folder,
  folderOf,
  folderQuery,
  isUnfinished,
  MOST,
  nameOf,
  reaches,
  readMore,
} from '../../../artifacts/folder';
import { foldersOfRun } from '../../../artifacts/foldersOfRun';
import { announce } from '../../../design/announce';
import type { ComparedRun } from '../useComparedRuns';
import { type UnionEntry, unionOf } from './union';

/** Entries of each run's folder that are listed by themselves: there may be fifty runs. */
const AT_ONCE = 2_000;

/** So many more of each run at a press. */
const MORE = 10_000;

/** How far folders are read by themselves. */
type Reach = 'some' | 'all';

const folderOfRun = (runId: string, folder: string, reach: Reach = 'some') =>
  folderQuery(
    [...foldersOfRun(runId), folder, reach],
    async (page: PageOfFolder, signal) => {
      try {
        return await listArtifacts(runId, folder, page, signal);
      } catch (error) {
        // A run without the folder has nothing there, which is no error.
        if (folder && error instanceof ApiError && error.status === 404) return { files: [], next: null };
        throw error;
      }
    },
    reach === 'all' ? MOST : AT_ONCE,
  );

interface Answer {
  data?: Folder | undefined;
  error: Error | null;
  isLoading: boolean;
  isFetching: boolean;
}

/** What has been read of one folder of each run, in their order. */
function useFolders(runs: readonly ComparedRun[], folder: string, reach?: Reach) {
  return useQueries({
    queries: runs.map((run) => folderOfRun(run.id, folder, reach)),
    combine: useCallback(
      (all: readonly Answer[]) => ({
        folders: all.map((one) => one.data),
        errors: all.map((one) => one.error),
        isLoading: all.some((one) => one.isLoading),
        isReading: all.some((one) => one.isFetching && one.data !== undefined && isUnfinished(one.data)),
      }),
      [],
    ),
  });
}

export interface Union {
  entries: readonly UnionEntry[];
  isLoading: boolean;
  /** Runs whose artifacts could not be listed, and why. */
  failed: readonly { run: ComparedRun; message: string }[];
  /** Reads more of the folders that have not been read to their ends; `null`: there is no more. */
  more: (() => void) | null;
  isReading: boolean;
}

/** One folder of the runs' artifacts, as far as it has been read of all of them. */
export function useUnion(runs: readonly ComparedRun[], folder: string): Union {
  const client = useQueryClient();
  const { folders, errors, isLoading, isReading } = useFolders(runs, folder);
  const isMore = folders.some((one) => one && one.next !== null && one.files.length < MOST);
  const more = async () => {
    announce('Reading more files');
    const work = folders.map((one, i) =>
      one && one.next !== null && runs[i]
        ? readMore(client, folderOfRun(runs[i].id, folder).queryKey, MORE)
        : null,
    );
    await Promise.all(work);
    announce('More files are listed');
  };
  const entries = useMemo(
    () => unionOf(runs.map((run, i) => ({ runId: run.id, folder: folders[i] }))),
    [runs, folders],
  );
  const failed = useMemo(
    () => runs.flatMap((run, i) => (errors[i] ? [{ run, message: errors[i].message }] : [])),
    [runs, errors],
  );
  return { entries, failed, isLoading, isReading, more: isMore ? () => void more() : null };
}

/** The paths in a folder of each run, all of them. */
export function useAllPaths(runs: readonly ComparedRun[], folder: string): ReadonlyMap<string, string[]> {
  const { folders } = useFolders(runs, folder, 'all');
  return useMemo(
    () => new Map(runs.map((run, i) => [run.id, (folders[i]?.files ?? []).map(({ path }) => path)])),
    [runs, folders],
  );
}

/** The runs that have a file. Of one whose folder has not been read so far, the server is asked for the file alone. */
export function useHaving(runs: readonly ComparedRun[], path: string): readonly ComparedRun[] {
  const { folders } = useFolders(runs, folderOf(path));
  const listed = useMemo(
    () =>
      runs.map((_, i) => {
        const folder = folders[i];
        if (path === '' || !folder) return false;
        if (folder.files.some((one) => one.path === path && !one.is_dir)) return true;
        return reaches(folder, nameOf(path)) ? false : null;
      }),
    [runs, folders, path],
  );
  const found = useQueries({
    queries: runs.map((run, i) => ({
      queryKey: ['artifacts/head', run.id, path],
      queryFn: ({ signal }: { signal: AbortSignal }) => entryAt(run.id, path, signal),
      enabled: listed[i] === null,
      staleTime: 30_000,
    })),
    combine: useCallback(
      (all: readonly { data?: { is_dir: boolean } | null | undefined }[]) =>
        all.map(({ data }) => data?.is_dir === false),
      [],
    ),
  });
  return useMemo(() => runs.filter((_, i) => listed[i] ?? found[i]), [runs, listed, found]);
}
