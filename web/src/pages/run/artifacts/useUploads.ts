import { useSyncExternalStore } from 'react';
import type { Run } from '../../../api/mlflow';
import { type UploadQueue, uploadsInto, type UploadState } from './uploadQueue';

export type Uploads = Pick<UploadQueue, 'add' | 'cancel' | 'retry' | 'clear'> & {
  list: readonly UploadState[];
};

/** The uploads into a run, as they go on. */
export function useUploads({ info }: Run): Uploads {
  const queue = uploadsInto({ runId: info.run_id, artifactUri: info.artifact_uri });
  const list = useSyncExternalStore(queue.subscribe, queue.list);
  const { add, cancel, retry, clear } = queue;
  return { list, add, cancel, retry, clear };
}
