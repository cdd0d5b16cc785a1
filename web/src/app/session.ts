/** Who is logged in: asked once, for all parts of the pages, and asked again when the reader comes back to the tab. */

import { queryOptions, useQuery } from '@tanstack/react-query';
import { navigate } from 'wouter/use-browser-location';
import { forgetEarly } from '../api/early';
import { login } from '../api/http';
import { getSession, logOut, type Session } from '../api/session';
import { base } from './base';
import { isLogin, loginHere } from './next';
import { paths } from './paths';
import { queryClient } from './queryClient';
import { rawPath } from '../url/raw';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => getSession(signal),
  staleTime: 60_000,
});

export const useSession = () => useQuery(sessionQuery).data;

/** Whether the pages are for logged in readers, and this one is not. */
export const needsLogin = (session: Session | undefined) =>
  session?.auth === 'basic' && session.user === null;

/** Somebody is logged in now, or nobody: what another reader was told is forgotten. */
export function setSession(session: Session) {
  const [name] = sessionQuery.queryKey;
  forgetEarly();
  // A question on its way would be answered with how it was before.
  void queryClient.cancelQueries({ queryKey: sessionQuery.queryKey });
  queryClient.setQueryData(sessionQuery.queryKey, session);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== name });
}

/** To the login page and back here afterwards. The page that was refused is no step of the browser's Back. */
export function goToLogin() {
  if (!isLogin(rawPath())) navigate(base + loginHere(), { replace: true });
}

/** Every call that is refused for want of a login leads to the login page. */
export function followLogin() {
  login.onEnd(() => {
    // A gateway before a server without logins: our page could not help.
    if (queryClient.getQueryData(sessionQuery.queryKey)?.auth === 'none') return;
    goToLogin();
    setSession({ auth: 'basic', user: null });
  });
}

/** Ends the session. Whoever logs in next begins at the first page. */
export async function signOut() {
  await logOut();
  navigate(base + paths.login('/'));
  setSession({ auth: 'basic', user: null });
}
