import { type QueryClient, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import {
  type ArtifactFile,
  getLoggedModel,
  listArtifacts,
  listLoggedModelArtifacts,
  type PageOfFolder,
  type Run,
} from '../../../api/mlflow';
import { modelFolder, modelPath, MODELS_FOLDER } from '../../../api/modelPaths';
import { entryAt } from '../../../artifacts/entryAt';
import {
  AT_ONCE,
  type FilesPage,
  folderOf,
  folderQuery,
  MOST,
  nameOf,
  reaches,
  readMore,
  stopReading,
} from '../../../artifacts/folder';
import { foldersOfRun } from '../../../artifacts/foldersOfRun';
import { announce } from '../../../design/announce';
import { grouped } from '../../../format/number';
import type { Listing } from './treeRows';

const listing = (run: Run, folder: string) => {
  const models = modelsOf(run);
  const withModels = folder === '' || folder === MODELS_FOLDER ? models : null;
  return folderQuery([...foldersOfRun(run.info.run_id), folder, withModels], (page, signal) =>
    filesIn(run, models, folder, page, signal),
  );
};

const modelsOf = (run: Run) => (run.outputs?.model_outputs ?? []).map(({ model_id }) => model_id);

/** Files of a folder. Models that the run has logged have their own places: they are shown in a folder of theirs. */
async function filesIn(
  run: Run,
  models: readonly string[],
  folder: string,
  page: PageOfFolder,
  signal: AbortSignal,
): Promise<FilesPage> {
  if (folder === MODELS_FOLDER) {
    const files = await Promise.all(
      models.map(async (id) => {
        const model = await getLoggedModel(id, signal).catch(() => null);
        return { path: modelFolder(id), is_dir: true, label: model?.info.name ?? id };
      }),
    );
    return { files, next: null };
  }
  const model = modelPath(folder);
  if (model) {
    const { files, next } = await listLoggedModelArtifacts(model.modelId, model.path, page, signal);
    const above = modelFolder(model.modelId);
    return { files: files.map((file) => ({ ...file, path: `${above}/${file.path}` })), next };
  }
  const found = await listArtifacts(run.info.run_id, folder, page, signal);
  const withModels = folder === '' && models.length > 0 && page.token === null;
  if (!withModels) return found;
  // In front: the page ends with what the next one begins after.
  return { ...found, files: [{ path: MODELS_FOLDER, is_dir: true, label: 'Logged models' }, ...found.files] };
}

/** What has been read of each of these folders. */
export function useListings(run: Run, folders: readonly string[]): ReadonlyMap<string, Listing> {
  const names = JSON.stringify(folders);
  return useQueries({
    queries: folders.map((folder) => listing(run, folder)),
    // The same map as long as nothing has changed: of it the rows are made.
    combine: useCallback(
      (answers: readonly { data?: Listing['folder']; error: unknown; isFetching: boolean }[]) =>
        new Map(
          (JSON.parse(names) as string[]).map((folder, i): [string, Listing] => [
            folder,
            {
              folder: answers[i]?.data,
              error: answers[i]?.error,
              isReading: answers[i]?.isFetching ?? false,
            },
          ]),
        ),
      [names],
    ),
  });
}

/** What has been read of one folder. */
export const useListing = (run: Run, folder: string) => useQuery(listing(run, folder));

/** What reads more of a folder, or no more of it. */
export function useReading(run: Run) {
  const client = useQueryClient();
  return {
    more: (folder: string, entries = AT_ONCE) => void more(client, run, folder, entries),
    stop: (folder: string) => stopReading(client, listing(run, folder).queryKey),
    again: (folder: string) => void client.refetchQueries({ queryKey: listing(run, folder).queryKey }),
  };
}

async function more(client: QueryClient, run: Run, folder: string, entries: number) {
  const { queryKey } = listing(run, folder);
  announce('Reading more entries');
  await readMore(client, queryKey, entries);
  const read = client.getQueryData(queryKey);
  if (read)
    announce(`${grouped(read.files.length)} entries${read.next === null ? '' : ', and there are more'}`);
}

export interface Entry {
  file: ArtifactFile | undefined;
  /** Whether it is not there. */
  isMissing: boolean;
  error: unknown;
}

/** What a path names. Where its folder has not been read to the end, the server is asked for this path alone. */
export function useEntry(run: Run, path: string, isWanted = true): Entry {
  const client = useQueryClient();
  const folder = folderOf(path);
  const around = useListing(run, folder);
  const listed = around.data?.files.find((one) => one.path === path);
  const isBehind = path !== '' && !listed && around.data !== undefined && !reaches(around.data, nameOf(path));
  const isAsked = isBehind && isWanted;
  const isOfModel = modelPath(path) !== null;
  const alone = useQuery({
    queryKey: ['artifacts/head', run.info.run_id, path],
    queryFn: ({ signal }) => entryAt(run.info.run_id, path, signal),
    enabled: isAsked && !isOfModel,
    staleTime: 10_000,
  });
  // Nobody answers for one path of a model: its folder is read on.
  const readsOn = isAsked && isOfModel && !around.isFetching && !around.error && around.data.wanted < MOST;
  useEffect(() => {
    if (readsOn) void readMore(client, listing(run, folder).queryKey, MOST);
  }, [client, readsOn, run, folder]);
  const isRefused = isAsked && (isOfModel ? around.data.files.length >= MOST : alone.data === null);
  const file = listed ?? (isAsked ? (alone.data ?? undefined) : undefined);
  return {
    file,
    isMissing: path !== '' && !file && around.data !== undefined && (!isBehind || isRefused),
    error: around.error ?? (isAsked ? alone.error : null),
  };
}
