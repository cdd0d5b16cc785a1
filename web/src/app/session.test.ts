import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { call } from '../api/http';
import type { Session } from '../api/session';
import { queryClient } from './queryClient';
import { followLogin, needsLogin, sessionQuery, setSession } from './session';

const ALICE: Session = { auth: 'basic', user: { id: 2, username: 'alice', is_admin: false } };

followLogin();
beforeEach(() => queryClient.clear());
afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, '', '/');
});

it('asks for a login only where there is one', () => {
  expect(needsLogin(undefined)).toBe(false);
  expect(needsLogin({ auth: 'none', user: null })).toBe(false);
  expect(needsLogin({ auth: 'basic', user: null })).toBe(true);
  expect(needsLogin(ALICE)).toBe(false);
});

it('a refused call leads to the login page, which knows the way back; several are one', async () => {
  setSession(ALICE);
  queryClient.setQueryData(['experiments/summary', 'all'], { experiments: [] });
  history.replaceState(null, '', '/experiments/3?q=metrics.loss%20%3C%201');
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 401 })));
  await Promise.allSettled([call('a'), call('b'), call('c')]);
  expect(location.pathname).toBe('/login');
  expect(new URLSearchParams(location.search).get('next')).toBe('/experiments/3?q=metrics.loss%20%3C%201');
  expect(queryClient.getQueryData(sessionQuery.queryKey)).toEqual({ auth: 'basic', user: null });
  // What alice was told is not shown to whoever logs in next.
  expect(queryClient.getQueryData(['experiments/summary', 'all'])).toBeUndefined();
});

it('a gateway that refuses is not answered with our login page', async () => {
  setSession({ auth: 'none', user: null });
  history.replaceState(null, '', '/experiments/3');
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 401 })));
  await Promise.allSettled([call('a')]);
  expect(location.pathname).toBe('/experiments/3');
});

it('an answer that is older than the login does not undo it', async () => {
  let answer: (response: Response) => void = () => undefined;
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)));
  const asked = queryClient.fetchQuery(sessionQuery).catch(() => undefined);
  setSession(ALICE);
  answer(new Response('{"auth":"basic","user":null}'));
  await asked;
  expect(queryClient.getQueryData(sessionQuery.queryKey)).toEqual(ALICE);
});
