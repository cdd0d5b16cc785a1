/** The one way to the server: JSON calls relative to the page's base, errors as [ApiError]. */

import type { Denied } from './denied';
import { OF_PAGES, takeEarly } from './early';

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
    /** Of a 403: the permission that is missing. */
    readonly denied: Denied | null = null,
    /** Of a 429 or 503: after how many seconds to try again. */
    readonly retryAfter: number | null = null,
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
  /** It logs in or out: a 401 says nothing about the session. */
  isLogin?: boolean;
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
  const headers = { ...OF_PAGES, Accept: call.accept ?? 'application/json', ...call.headers };
  const init: RequestInit = { method: call.method ?? 'GET', headers };
  if (call.signal) init.signal = call.signal;
  if (call.body !== undefined) {
    Object.assign(headers, { 'Content-Type': 'application/json' });
    init.body = JSON.stringify(call.body);
  }
  const href = address(path, call.query);
  let answer: Response;
  try {
    answer = await (takeEarly(init.method ?? 'GET', href, init.body as string | undefined) ??
      fetch(href, init));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    connection.lost();
    throw noAnswer();
  }
  if (!answer.ok) {
    const error = await errorOf(answer, { ...call, href });
    if (error.status === 0) connection.lost();
    else connection.found();
    if (error.status === 401 && !call.isLogin) login.end();
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

async function errorOf(answer: Response, { method = 'GET', href, body }: Call & { href: string }) {
  const { status, headers } = answer;
  const text = await answer.text().catch(() => '');
  return refusal({ status, text, header: (name) => headers.get(name), method, href, body });
}

interface Refused {
  status: number;
  text: string;
  header: (name: string) => string | null;
  /** What was asked. */
  method: string;
  href: string;
  body: unknown;
}

/** The error that an answer without a 2xx status means. */
export async function refusal({ status, text, header, method, href, body }: Refused): Promise<ApiError> {
  const requestId = header('x-request-id');
  const said = saidBy(text);
  // So a proxy says that the server behind it is away.
  if (!said && requestId === null && [502, 503, 504].includes(status)) return noAnswer();
  const told = said ?? {
    // MLflow's own refusals are this one text.
    code: status === 403 ? 'PERMISSION_DENIED' : `HTTP_${status}`,
    message: status === 403 ? '' : `The server answered with status ${status}.`,
    details: null,
  };
  // Others with this status are no matter of permissions: of a foreign origin, for one.
  const isDenied = status === 403 && told.code === 'PERMISSION_DENIED';
  // Most readers never need it.
  const denying = isDenied ? await import('./denied').catch(() => null) : null;
  const denied = denying?.deniedBy(method, new URL(href), body) ?? null;
  const retryAfter = Number.parseInt(header('retry-after') ?? '', 10);
  return new ApiError(
    status,
    told.code,
    denying && denied ? `${sentence(told.message)}${denying.neededInWords(denied)}` : told.message,
    told.details,
    requestId,
    denied,
    Number.isFinite(retryAfter) ? Math.max(0, retryAfter) : null,
  );
}

/** In front of another sentence. MLflow's two words say no more than the status, and ours no more than the other. */
function sentence(text: string): string {
  if (/^(Permission denied(: whoever .* grant it to you)?\.?)?$/.test(text)) return '';
  return /[.!?]$/.test(text) ? `${text} ` : `${text}. `;
}

function saidBy(text: string) {
  try {
    const body = JSON.parse(text) as { error_code?: string; message?: string; details?: ErrorDetails };
    if (body.error_code)
      return { code: body.error_code, message: body.message ?? '', details: body.details ?? null };
  } catch {
    // Not the server's JSON: a proxy's page, or MLflow's text. The status says enough.
  }
  return null;
}

/** That a call was refused because nobody is logged in, for the one who shows the login page. */
class Login {
  readonly #listeners = new Set<() => void>();

  end() {
    for (const listener of this.#listeners) listener();
  }

  readonly onEnd = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };
}

export const login = new Login();

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
