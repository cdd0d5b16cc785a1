import { afterEach, expect, it, vi } from 'vitest';
import type { ApiError } from './http';
import { call, login } from './http';

afterEach(() => vi.unstubAllGlobals());

/** What the next call is answered with. */
function answer(status: number, body: string, headers: Record<string, string> = {}) {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status, headers })));
}

const refused = (status: number, path: string, options = {}) =>
  call(path, options).then(
    () => {
      throw new Error(`${status} was no failure`);
    },
    (error: unknown) => error as ApiError,
  );

function countEnds() {
  let ends = 0;
  const stop = login.onEnd(() => {
    ends += 1;
  });
  return { ends: () => ends, stop };
}

it('a 401 ends the login, but not that of a wrong password', async () => {
  const { ends, stop } = countEnds();
  answer(401, '{"error_code":"UNAUTHENTICATED","message":"Log in first."}');
  expect((await refused(401, 'api/oxflow/v1/runs/table', { method: 'POST', body: {} })).status).toBe(401);
  expect(ends()).toBe(1);
  await refused(401, 'api/oxflow/v1/session', { method: 'POST', body: {}, isLogin: true });
  expect(ends()).toBe(1);
  stop();
  await refused(401, 'api/oxflow/v1/runs/table');
  expect(ends()).toBe(1);
});

it('other refusals end nothing', async () => {
  const { ends, stop } = countEnds();
  for (const status of [400, 403, 404, 429, 500]) {
    answer(status, '');
    await refused(status, 'ajax-api/2.0/mlflow/runs/get');
  }
  expect(ends()).toBe(0);
  stop();
});

it('a 403 in plain text says which permission is missing', async () => {
  answer(403, 'Permission denied', { 'Content-Type': 'text/plain' });
  const error = await refused(403, 'ajax-api/2.0/mlflow/experiments/delete', {
    method: 'POST',
    body: { experiment_id: '3' },
  });
  expect(error.code).toBe('PERMISSION_DENIED');
  expect(error.denied).toEqual({ needed: 'MANAGE', on: 'experiment 3' });
  expect(error.message).toMatch(/^This needs MANAGE on experiment 3\. Whoever has MANAGE/);
});

it('does not say twice who can grant it', async () => {
  const message = 'Permission denied: whoever may manage it, or an administrator, can grant it to you.';
  answer(403, JSON.stringify({ error_code: 'PERMISSION_DENIED', message }));
  const error = await refused(403, 'api/oxflow/v1/runs/purge', { method: 'POST', body: { run_ids: ['a'] } });
  expect(error.message).toMatch(/^This needs MANAGE on the experiment of run a\. Whoever has MANAGE/);
});

it('keeps what the server says of a 403', async () => {
  answer(403, '{"error_code":"PERMISSION_DENIED","message":"Permission denied: alice has READ"}');
  const error = await refused(403, 'ajax-api/2.0/mlflow/runs/set-tag', {
    method: 'POST',
    body: { run_id: 'a' },
  });
  expect(error.message).toMatch(
    /^Permission denied: alice has READ\. This needs EDIT on the experiment of run a\./,
  );
});

it('a 403 that is no matter of permissions is left alone', async () => {
  answer(403, '{"error_code":"CROSS_ORIGIN","message":"Cross-origin request blocked"}');
  const error = await refused(403, 'api/oxflow/v1/views', { method: 'POST', body: {} });
  expect([error.denied, error.message]).toEqual([null, 'Cross-origin request blocked']);
});

it('knows when to try again', async () => {
  answer(429, '{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"Too many."}', { 'Retry-After': '7' });
  expect((await refused(429, 'api/oxflow/v1/session', { isLogin: true })).retryAfter).toBe(7);
  // A gateway may write a date there: nothing that could be counted down.
  answer(429, '', { 'Retry-After': 'Sat, 21 Nov 2026 22:00:00 GMT' });
  expect((await refused(429, 'api/oxflow/v1/session')).retryAfter).toBeNull();
});

it('is known as a call of the pages', async () => {
  const asked: RequestInit[] = [];
  vi.stubGlobal('fetch', (_href: string, init: RequestInit) => {
    asked.push(init);
    return Promise.resolve(new Response('{}'));
  });
  await call('health');
  expect(asked[0]?.headers).toMatchObject({ 'X-Requested-With': 'XMLHttpRequest' });
});
