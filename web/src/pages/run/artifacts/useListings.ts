import { useQueries, useQuery } from '@tanstack/react-query';
import {
  type ArtifactFile,
  getLoggedModel,
  listArtifacts,
  listLoggedModelArtifacts,
  type Run,
} from '../../../api/mlflow';
import { modelFolder, modelPath, MODELS_FOLDER } from '../../../api/modelPaths';
import { type Listing, sorted } from './treeRows';

const listing = (run: Run, folder: string) => {
  const models = modelsOf(run);
  return {
    queryKey: [
      'artifacts/list',
      run.info.run_id,
      folder,
      folder === '' || folder === MODELS_FOLDER ? models : null,
    ],
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      sorted(await filesIn(run, models, folder, signal)),
    staleTime: 10_000,
  };
};

const modelsOf = (run: Run) => (run.outputs?.model_outputs ?? []).map(({ model_id }) => model_id);

/** The files of a folder. Models that the run has logged have their own places: they are shown in a folder of theirs. */
async function filesIn(
  run: Run,
  models: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<ArtifactFile[]> {
  if (folder === MODELS_FOLDER) {
    return Promise.all(
      models.map(async (id) => {
        const model = await getLoggedModel(id, signal).catch(() => null);
        return { path: modelFolder(id), is_dir: true, label: model?.info.name ?? id };
      }),
    );
  }
  const model = modelPath(folder);
  if (model) {
    const { files } = await listLoggedModelArtifacts(model.modelId, model.path, signal);
    return files.map((file) => ({ ...file, path: `${modelFolder(model.modelId)}/${file.path}` }));
  }
  const { files } = await listArtifacts(run.info.run_id, folder, signal);
  const withModels = folder === '' && models.length > 0;
  return withModels ? [...files, { path: MODELS_FOLDER, is_dir: true, label: 'Logged models' }] : files;
}

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
