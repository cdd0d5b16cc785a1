import { stored } from '../../../app/stored';

const MOST = 20;

/** The filters that were applied last, the latest first: a convenience of this browser, never applied by itself. */
export const historyStore = stored<readonly string[]>('runs.filters', (raw) =>
  Array.isArray(raw) ? raw.filter((one): one is string => typeof one === 'string').slice(0, MOST) : [],
);

export function remember(filter: string) {
  historyStore.set([filter, ...historyStore.get().filter((one) => one !== filter)].slice(0, MOST));
}
