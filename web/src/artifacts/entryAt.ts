import { ApiError } from '../api/http';
import type { ArtifactFile } from '../api/mlflow';
import { artifactHead } from '../api/own';

/** A file or folder by its path, or `null`. */
export async function entryAt(
  runId: string,
  path: string,
  signal: AbortSignal,
): Promise<ArtifactFile | null> {
  try {
    const { is_dir, file_size } = await artifactHead(runId, path, signal);
    return { path, is_dir, ...(file_size !== null && { file_size }) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
