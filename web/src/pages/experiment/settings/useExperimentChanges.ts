import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  deleteExperiment,
  deleteExperimentTag,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
} from '../../../api/mlflow';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';

/** Everything that can be changed of an experiment; what fails is said, and what is shown is read again. */
export function useExperimentChanges(id: string) {
  const client = useQueryClient();
  const settled = async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['experiments/get', id] }),
      client.invalidateQueries({ queryKey: ['experiments/summary'] }),
    ]);
  };
  const onError = (error: Error) => toast(inWords(error).detail || error.message, { kind: 'failed' });
  const options = { onError, onSettled: settled };
  return {
    rename: useMutation({ mutationFn: (name: string) => renameExperiment(id, name), ...options }),
    setTag: useMutation({
      mutationFn: ({ key, value }: { key: string; value: string }) => setExperimentTag(id, key, value),
      ...options,
    }),
    deleteTag: useMutation({ mutationFn: (key: string) => deleteExperimentTag(id, key), ...options }),
    remove: useMutation({ mutationFn: () => deleteExperiment(id), ...options }),
    restore: useMutation({ mutationFn: () => restoreExperiment(id), ...options }),
  };
}
