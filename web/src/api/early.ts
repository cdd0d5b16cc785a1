/**
 * Calls whose answers a page needs first, sent before the program that draws it is there. `http.ts` takes them over; one that
 * is not taken was for nothing, so only what is certain is asked.
 */

export interface EarlyCall {
  method: 'GET' | 'POST';
  /** With its query, relative to the page's base. */
  path: string;
  body?: unknown;
}

/**
 * On each call of the pages: a server that is asked by them does not challenge, as the browser would answer a challenge with
 * a dialog of its own.
 */
export const OF_PAGES = { 'X-Requested-With': 'XMLHttpRequest' };

const OWN = 'api/oxflow/v1';
const MLFLOW = 'ajax-api/2.0/mlflow';

/** Parts of the state that change which runs are meant. */
const SELECTING = ['v', 'q', 'search', 'view', 'hours'];

/** What the page of a path asks for as soon as it is drawn, whatever the reader has set. */
export function earlyCalls(path: string, query: URLSearchParams): readonly EarlyCall[] {
  const [page = '', id, tab] = path.split('/').slice(1).map(decodeURIComponent);
  if (page === '' && !query.has('view'))
    return [{ method: 'GET', path: `${OWN}/experiments/summary?view=active` }];
  if (page === 'experiments' && id) {
    const head: EarlyCall = {
      method: 'GET',
      path: `${MLFLOW}/experiments/get?${new URLSearchParams({ experiment_id: id })}`,
    };
    const isPlain = (!tab || tab === 'runs') && !SELECTING.some((name) => query.has(name));
    if (!isPlain) return [head];
    const body = {
      experiments: [id],
      view: 'active',
      kinds: ['metric', 'param', 'tag', 'dataset'],
      limit: 10_000,
    };
    return [{ method: 'POST', path: `${OWN}/runs/keys`, body }, head];
  }
  if (page === 'runs' && id) {
    const run: EarlyCall = {
      method: 'GET',
      path: `${MLFLOW}/runs/get?${new URLSearchParams({ run_id: id })}`,
    };
    const columns = ['attribute.experiment_name', 'children'];
    const around: EarlyCall = {
      method: 'POST',
      path: `${OWN}/runs/table`,
      body: { ids: [id], view: 'all', columns, offset: 0, limit: 1 },
    };
    if (tab && tab !== 'overview') return [run, around];
    return [run, around, { method: 'POST', path: `${OWN}/metrics/stats`, body: { runs: [id], keys: null } }];
  }
  return [];
}

/** So long an answer may wait to be taken: what the reader opens later is asked anew. */
const KEPT_MS = 10_000;

const asked = new Map<string, { answer: Promise<Response>; at: number }>();

const nameOf = (method: string, href: string, body: string | undefined) => `${method} ${href} ${body ?? ''}`;

export function askEarly(path: string, query: URLSearchParams) {
  const session: EarlyCall = { method: 'GET', path: `${OWN}/session` };
  for (const { method, path: called, body } of [session, ...earlyCalls(path, query)]) {
    const href = new URL(called, document.baseURI).href;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = { ...OF_PAGES, Accept: 'application/json' };
    if (text !== undefined) headers['Content-Type'] = 'application/json';
    const answer = fetch(href, { method, headers, ...(text !== undefined && { body: text }) });
    // Whoever takes it hears of the failure.
    answer.catch(() => undefined);
    asked.set(nameOf(method, href, text), { answer, at: performance.now() });
  }
}

/** Those that wait were for another reader, or for nobody. */
export function forgetEarly() {
  asked.clear();
}

/** The answer to this call, if it was sent early; once. */
export function takeEarly(
  method: string,
  href: string,
  body: string | undefined,
): Promise<Response> | undefined {
  const name = nameOf(method, href, body);
  const found = asked.get(name);
  asked.delete(name);
  return found && performance.now() - found.at < KEPT_MS ? found.answer : undefined;
}
