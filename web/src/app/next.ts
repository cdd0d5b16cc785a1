/** Where to after the login. It comes out of the address, so anybody may have written it: only a page of this server. */

import { rawPath, rawSearch } from '../url/raw';
import { paths } from './paths';

/** The path if it is one of our own pages, and not the login itself; else the first page. */
export function ownPath(next: string | null): string {
  if (next === null || !isOwnPath(next)) return paths.experiments();
  return isLogin(next.replace(/[?#].*/, '')) ? paths.experiments() : next;
}

/**
 * Begins with one `/`. Browsers take a backslash for a slash, and leave line breaks and tabs out: `/\t/host` would be
 * another host.
 */
function isOwnPath(text: string): boolean {
  return /^\/(?![/\\])/.test(text) && !hasControls(text) && new URL(text, ORIGIN).origin === ORIGIN;
}

/** Any origin: the path must stay on it. */
const ORIGIN = 'http://own.invalid';

const hasControls = (text: string) => [...text].some((c) => c < ' ' || c === '\u007f');

export const isLogin = (path: string) => path === '/login';

/** The login page that comes back to where the reader is. */
export function loginHere(): string {
  const path = rawPath();
  if (isLogin(path)) return rawSearch() ? `${path}?${rawSearch()}` : path;
  const search = rawSearch();
  return paths.login(`${path}${search && `?${search}`}`);
}
