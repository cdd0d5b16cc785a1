import { type ComponentType, lazy, useState } from 'react';
import { connection, fetchAnswer } from '../api/http';

import type { PageFile } from './pages';

/**
 * A page that is a file of its own, fetched when it is first opened. One that is there already is drawn at once. While the
 * server does not answer it waits, as React would keep the failure for good; a file that is gone although the server answers is
 * the boundary's matter.
 */
export function lazyPage<Props extends object>(load: PageFile<{ default: ComponentType<Props> }>) {
  const Later = lazy(() =>
    load().catch(async () => {
      const answers = await fetchAnswer('health').then(
        () => true,
        () => !connection.isLost(),
      );
      if (!answers) await found();
      return load();
    }),
  );
  return function Page(props: Props) {
    // What is drawn stays what it is: another component would be another page.
    const [Shown] = useState<ComponentType<Props>>(() => load.loaded?.default ?? Later);
    return <Shown {...props} />;
  };
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
