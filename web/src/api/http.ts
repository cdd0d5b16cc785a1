/** The one way to the server: JSON calls relative to the page's base, errors as [ApiError]. */

import { takeEarly } from './early';

/** What the server said no with. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** MLflow's error code, such as `RESOURCE_DOES_NOT_EXIST`. */
    readonly code: string,
    message: string,
    readonly details: ErrorDetails | null = null,
    /** Names the request in the server's log. */
    readonly requestId: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether the same call may work later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Where in a field of the request the problem is, in UTF-16 code units. */
export interface ErrorDetails {
  field: string;
  offset: number;
  length: number;
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  query?: Query;
  body?: unknown;
  signal?: AbortSignal | undefined;
  accept?: string;
  headers?: Record<string, string>;
}

/** The address of a path of this server, whatever prefix it is served below. */
export function address(path: string, query: Query = {}): string {
  const url = new URL(path.replace(/^\//, ''), document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
  }
  return url.href;
}

/** Calls the server; the raw answer, which has a 2xx status. */
export async function fetchAnswer(path: string, call: Call = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: call.accept ?? 'application/json', ...call.headers };
  const init: RequestInit = { method: call.method ?? 'GET', headers };
  if (call.signal) init.signal = call.signal;
  if (call.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(call.body);
  }
  let answer: Response;
  try {
    const href = address(path, call.query);
    answer = await (takeEarly(init.method ?? 'GET', href, init.body as string | undefined) ??
      fetch(href, init));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    connection.lost();
    throw noAnswer();
  }
  if (!answer.ok) {
    const error = await errorOf(answer);
    if (error.status === 0) connection.lost();
    else connection.found();
    throw error;
  }
  connection.found();
  serverVersion.set(answer.headers.get('x-oxflow-version'));
  return answer;
}

/** Calls the server; the JSON of the answer. */
export async function call<T>(path: string, options: Call = {}): Promise<T> {
  const answer = await fetchAnswer(path, options);
  return (await answer.json()) as T;
}

const noAnswer = () => new ApiError(0, 'NO_ANSWER', 'The server does not answer.');

async function errorOf(answer: Response): Promise<ApiError> {
  const { status } = answer;
  const requestId = answer.headers.get('x-request-id');
  const text = await answer.text().catch(() => '');
  try {
    const body = JSON.parse(text) as { error_code?: string; message?: string; details?: ErrorDetails };
    if (body.error_code) {
      return new ApiError(status, body.error_code, body.message ?? '', body.details ?? null, requestId);
    }
  } catch {
    // Not the server's JSON: a proxy's page. Its status says enough.
  }
  // So a proxy says that the server behind it is away.
  if (requestId === null && [502, 503, 504].includes(status)) return noAnswer();
  return new ApiError(
    status,
    `HTTP_${status}`,
    `The server answered with status ${status}.`,
    null,
    requestId,
  );
}

/** Whether the last call got an answer, for the bar that says so. */
class Connection {
  #isLost = false;
  readonly #listeners = new Set<() => void>();

  lost() {
    this.#set(true);
  }

  found() {
    this.#set(false);
  }

  readonly isLost = () => this.#isLost;

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(isLost: boolean) {
    if (this.#isLost === isLost) return;
    this.#isLost = isLost;
    for (const listener of this.#listeners) listener();
  }
}

export const connection = new Connection();

/** Which release answers: each answer says it. */
class ServerVersion {
  #version: string | null = null;
  readonly #listeners = new Set<() => void>();

  readonly get = () => this.#version;

  set(version: string | null) {
    if (version === null || version === this.#version) return;
    this.#version = version;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const serverVersion = new ServerVersion();
