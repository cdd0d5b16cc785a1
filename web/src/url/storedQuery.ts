/**
 * Queries that are too long for an address. Such an address does not survive chats and mails: the server keeps the
 * query under a short name, and the address has `v=NAME`. What else is in the address counts more than what is stored.
 */

/** Longer queries are stored. */
export const LONGEST = 1500;
/** The parameter with the name. */
export const STORED = 'v';

/** What the page knows to be stored, by its name; `null` for what is no query: the page itself reads it. */
const known = new Map<string, string | null>();

export function knowQuery(id: string, query: string | null) {
  known.set(id, query);
}

/** Whether an address names a stored query, by which it is short already. */
export function namesQuery(search: string): boolean {
  return typeof known.get(new URLSearchParams(search).get(STORED) ?? '') === 'string';
}

export const isKnown = (id: string) => known.has(id);

/** The query that an address means, with what is stored put in its place. */
export function wholeQuery(search: string): string {
  const query = new URLSearchParams(search);
  const id = query.get(STORED);
  const stored = id === null ? null : known.get(id);
  if (typeof stored !== 'string') return search;
  query.delete(STORED);
  const whole = new URLSearchParams(stored);
  for (const [name, value] of query) whole.set(name, value);
  return whole.toString();
}

/** The query that a stored state holds; `null` if it is something else. */
export function storedQuery(state: unknown): string | null {
  const query = (state as { query?: unknown } | null)?.query;
  return typeof query === 'string' ? query : null;
}

/** The same of a view: nothing is the state of a page without any. */
export const queryOf = (state: unknown) => storedQuery(state) ?? '';
