/** Reading folders of a run again: apart from reading them, as other pages of the run need no more. */

import type { QueryClient } from '@tanstack/react-query';

/** The key that all queries for folders of a run begin with; the folder comes after it. */
export const foldersOfRun = (runId: string) => ['artifacts/list', runId];

/** Reading the same again takes a share of 1 in so many of the time at most: a large folder is not read for ever. */
export const REST = 20;

/** What is known of how long a folder took. */
interface Timed {
  /** ms. */
  tookMs: number;
}

/** Whether reading it again is worth the time by now. */
export const isDue = (folder: Timed | undefined, readAt: number, now = Date.now()) =>
  folder === undefined || now - readAt >= REST * folder.tookMs;

/** Reads the folders of a run again that are shown; large ones only now and then. */
export const readFoldersAgain = (client: QueryClient, runId: string) =>
  client.invalidateQueries({
    queryKey: foldersOfRun(runId),
    predicate: ({ state }) => isDue(state.data as Timed | undefined, state.dataUpdatedAt),
  });
