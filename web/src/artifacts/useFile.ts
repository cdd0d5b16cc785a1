import { useQuery } from '@tanstack/react-query';
import { artifactBytes } from '../api/artifacts';
import type { FileOfRun } from './kinds';

/** The bytes of a file, or of a part of it. */
export function useBytes(file: FileOfRun, range: { from: number; to: number } | null = null) {
  return useQuery({
    queryKey: ['get-artifact', file.runId, file.path, 'bytes', range, file.size],
    queryFn: ({ signal }) => artifactBytes(file.runId, file.path, range, signal),
    staleTime: Infinity,
    // Large: kept for the way back, not longer.
    gcTime: 30_000,
  });
}

/** A file as text; what is not UTF-8 becomes the sign for that. */
export function useText(file: FileOfRun) {
  return useQuery({
    queryKey: ['get-artifact', file.runId, file.path, 'text', file.size],
    queryFn: async ({ signal }) =>
      new TextDecoder().decode(await artifactBytes(file.runId, file.path, null, signal)),
    staleTime: Infinity,
    gcTime: 30_000,
  });
}
