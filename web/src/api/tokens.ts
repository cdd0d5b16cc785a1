/** API tokens of the reader, and the log of what happened to logins: docs/api.md. */

import { call } from './http';

const OWN = 'api/oxflow/v1';

export type TokenScope = 'READ' | 'EDIT';

export interface Token {
  id: number;
  name: string;
  /** `null`: whatever its owner may. */
  scope: TokenScope | null;
  created_at_ms: number;
  expires_at_ms: number | null;
  last_used_at_ms: number | null;
}

export const listTokens = async (signal?: AbortSignal) =>
  (await call<{ tokens: Token[] }>(`${OWN}/tokens`, { signal })).tokens;

/** Makes a token. Its secret is in this answer and nowhere else. */
export const createToken = (token: Pick<Token, 'name' | 'scope' | 'expires_at_ms'>) =>
  call<{ token: Token; secret: string }>(`${OWN}/tokens`, { method: 'POST', body: token });

export const revokeToken = (id: number) => call<unknown>(`${OWN}/tokens/${id}`, { method: 'DELETE' });

export interface AuditEvent {
  id: number;
  at_ms: number;
  /** `null`: nobody was logged in. */
  actor: string | null;
  action: string;
  object: string;
  address: string;
  result: 'ok' | 'refused';
}

/** What happened to logins and permissions, the latest first; `before`: older than the event with this id. */
export const auditEvents = async (before: number | null, limit: number, signal?: AbortSignal) =>
  (await call<{ events: AuditEvent[] }>(`${OWN}/audit`, { query: { limit, before }, signal })).events;
