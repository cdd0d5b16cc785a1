/** Who is logged in: docs/api.md. */

import { call } from './http';

const OWN = 'api/oxflow/v1';

const SESSION = `${OWN}/session`;

export interface SessionUser {
  id: number;
  username: string;
  is_admin: boolean;
}

export interface Session {
  /** `none`: the server asks for no login. */
  auth: 'none' | 'basic';
  user: SessionUser | null;
}

export const getSession = (signal?: AbortSignal) => call<Session>(SESSION, { signal });

/** A 401 of this one is a wrong password, not the end of a session. */
export const logIn = (username: string, password: string) =>
  call<Session>(SESSION, { method: 'POST', body: { username, password }, isLogin: true });

export const logOut = () => call<unknown>(SESSION, { method: 'DELETE', isLogin: true });
