import { folderAddress } from '../../../api/artifacts';
import type { ArtifactFile, Run } from '../../../api/mlflow';
import { folderOf } from '../../../artifacts/folder';
import type { FileOfRun } from '../../../artifacts/kinds';
import { isLive } from '../useRun';

/** A file as the previews want it. */
export function fileOfRun(run: Run, { path, file_size }: ArtifactFile): FileOfRun {
  return {
    runId: run.info.run_id,
    path,
    size: file_size ?? null,
    isLive: isLive(run),
    base: folderAddress(run.info.artifact_uri, folderOf(path)),
  };
}
