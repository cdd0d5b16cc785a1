/** What a saved view keeps of a page's query. */

import type { ExperimentTab } from '../../../app/paths';
import { queryOf } from '../../../url/storedQuery';

/** Passing things: what is selected, what part is looked at, the chart that fills the screen. */
const PASSING = ['sel', 'zoom', 'full', 'experiments', 'v'];

export function viewQuery(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of PASSING) query.delete(name);
  query.sort();
  return query.toString();
}

/** Whether a stored view is what the page shows. */
export function sameQuery(state: unknown, query: string): boolean {
  return viewQuery(queryOf(state)) === query;
}

/** The part of the page that it was saved from; older views do not say. */
export function tabOf(state: unknown): ExperimentTab | null {
  const tab = (state as { tab?: unknown } | null)?.tab;
  return tab === 'runs' || tab === 'charts' ? tab : null;
}
