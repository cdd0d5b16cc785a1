import { afterEach, expect, it } from 'vitest';
import { loginHere, ownPath } from './next';

afterEach(() => history.replaceState(null, '', '/'));

it('goes on to pages of this server', () => {
  for (const path of [
    '/',
    '/experiments/3?q=metrics.loss%20%3C%201&sort=-metric.loss',
    '/runs/abc/artifacts/100%25.txt',
    '/compare?v=3f9a0c12bd4e#part',
    '/admin/users/a%2F%2Fb',
    '/login-of-somebody',
    '/runs/a//b',
  ])
    expect(ownPath(path)).toBe(path);
});

it('goes nowhere else', () => {
  for (const next of [
    null,
    '',
    'experiments/3',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'https://evil.example/',
    'HTTPS:evil.example',
    'javascript:alert(1)',
    ' //evil.example',
    ' /experiments',
  ])
    expect(ownPath(next)).toBe('/');
});

it('does not come back to the login', () => {
  expect(ownPath('/login')).toBe('/');
  expect(ownPath('/login?next=%2Flogin')).toBe('/');
});

it('takes the whole state of the page along', () => {
  history.replaceState(null, '', '/experiments/3?q=a%20LIKE%20%27%25b%27&cols=metric.x,param.y');
  const href = loginHere();
  const next = new URL(href, 'http://server').searchParams.get('next');
  expect(next).toBe('/experiments/3?q=a%20LIKE%20%27%25b%27&cols=metric.x,param.y');
  // A second refusal does not wrap it again.
  history.replaceState(null, '', href);
  expect(loginHere()).toBe(href);
});
