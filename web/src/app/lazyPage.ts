import { type ComponentType, lazy } from 'react';
import { connection, fetchAnswer } from '../api/http';

/**
 * A page that is a file of its own, fetched when it is first opened. While the server does not answer it waits, as
 * React would keep the failure for good; a file that is gone although the server answers is the boundary's matter.
 */
export function lazyPage<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  return lazy(() =>
    load().catch(async () => {
      const answers = await fetchAnswer('health').then(
        () => true,
        () => !connection.isLost(),
      );
      if (!answers) await found();
      return load();
    }),
  );
}

function found(): Promise<void> {
  return new Promise((resolve) => {
    const stop = connection.subscribe(() => {
      if (connection.isLost()) return;
      stop();
      resolve();
    });
  });
}
