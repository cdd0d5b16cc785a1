import { type ComponentType, lazy, useState } from 'react';
import { connection, fetchAnswer } from '../api/http';

import type { PageFile } from './pages';

/**
 * A page that is a file of its own, fetched when it is first opened. One that is there already is drawn at once.
 *
 * Browsers remember that a file did not come, and do not ask for it again: when the server answers, the document is loaded anew.
 * The address has all of its state. If that does not help, it is the boundary's matter.
 */
export function lazyPage<Props extends object>(load: PageFile<{ default: ComponentType<Props> }>) {
  const Later = lazy(() =>
    load().catch(async (error: unknown) => {
      const answers = await fetchAnswer('health').then(
        () => true,
        () => !connection.isLost(),
      );
      if (!answers) await found();
      if (!mayReload()) throw error;
      location.reload();
      return new Promise<never>(() => undefined);
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

const RELOADED = 'oxflow.reloaded';
/** A document that was loaded anew for want of a file, and wants one again within this time, has all that there is. */
const AGAIN_MS = 10_000;

function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(RELOADED));
    if (Date.now() - last < AGAIN_MS) return false;
    sessionStorage.setItem(RELOADED, String(Date.now()));
    return true;
  } catch {
    // Without a memory it could go on for ever.
    return false;
  }
}
