import { useMutation, useQueryClient } from '@tanstack/react-query';
import { deleteRun, deleteRunTag, restoreRun, setRunTag, updateRun } from '../../api/mlflow';
import { inWords } from '../../design/States';
import { toast } from '../../design/toasts';
import { afterChange } from '../../runs/afterChange';

/** What can be changed about a run. Each change reads the run again; a refusal is told in the server's words. */
export function useRunChanges(runId: string) {
  const client = useQueryClient();
  const refresh = () => afterChange(client, runId);
  const onError = (error: unknown) => {
    const { title, detail } = inWords(error);
    toast(detail || title, { kind: 'failed' });
  };
  const rename = useMutation({
    mutationFn: (name: string) => updateRun(runId, { run_name: name }),
    onSuccess: refresh,
    onError,
  });
  const restore = useMutation({
    mutationFn: () => restoreRun(runId),
    onSuccess: async () => {
      await refresh();
      toast('The run is restored.');
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: () => deleteRun(runId),
    onSuccess: async () => {
      await refresh();
      toast('The run is deleted.', { action: { label: 'Undo', run: () => restore.mutate() } });
    },
    onError,
  });
  const setTag = useMutation({
    mutationFn: ({ key, value }: { key: string; value: string }) => setRunTag(runId, key, value),
    onSuccess: refresh,
    onError,
  });
  const deleteTag = useMutation({
    mutationFn: (key: string) => deleteRunTag(runId, key),
    onSuccess: refresh,
    onError,
  });
  return { rename, remove, restore, setTag, deleteTag };
}
