/** The way in and out, on a server that asks for a login. */

import { Server } from '../support/server';
import { ADMIN, chooseOfAccount, enter, openAs, test } from '../support/logins';
import { expect, expectAccessible, test as open } from '../support/test';

test('every page leads to the login, shows no error before it, and comes back with all of its state', async ({
  page,
  logins,
}) => {
  const experiment = await logins.api.experiment('login/state');
  await logins.api.run(experiment, 'found', {
    metrics: [{ key: 'loss', value: 0.5, step: 0, timestamp: 1 }],
  });
  await logins.api.run(experiment, 'other', { metrics: [{ key: 'loss', value: 2, step: 0, timestamp: 1 }] });
  // Every alert that is drawn, however short.
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { alertsSeen: seen });
    new MutationObserver(() => {
      for (const one of document.querySelectorAll('[role=alert]'))
        if (one.textContent) seen.push(one.textContent);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  const path = `/experiments/${experiment}?q=metrics.loss+%3C+1&sort=-metric.loss`;
  await page.goto(path);
  await page.waitForURL(/\/login\?next=/);
  await expect(page.getByRole('textbox', { name: 'User name' })).toBeFocused();
  expect(await page.evaluate(() => (window as unknown as { alertsSeen: string[] }).alertsSeen)).toEqual([]);
  await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0);
  await enter(page, ADMIN);
  await expect(page.getByRole('grid').getByRole('link', { name: 'found' })).toBeVisible();
  await expect(page.getByRole('grid').getByRole('link', { name: 'other' })).toHaveCount(0);
  const url = new URL(page.url());
  expect(url.searchParams.get('q')).toBe('metrics.loss < 1');
  expect(url.searchParams.get('sort')).toBe('-metric.loss');
});

test('no call of the pages is challenged: browsers would ask for a password in a window of their own', async ({
  page,
}) => {
  const challenges: string[] = [];
  let refused = 0;
  page.on('response', (answer) => {
    if (answer.status() !== 401) return;
    refused += 1;
    if (answer.headers()['www-authenticate'] !== undefined) challenges.push(new URL(answer.url()).pathname);
  });
  await page.goto('/');
  await page.waitForURL(/\/login/);
  await enter(page, { username: ADMIN.username, password: 'not-the-password' });
  await expect(page.getByRole('alert')).toContainText('wrong');
  expect(refused).toBeGreaterThan(1);
  expect(challenges).toEqual([]);
});

test('a wrong password is told, and the next attempt is near', async ({ page }) => {
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Log in' })).toBeDisabled();
  await expectAccessible(page);
  await enter(page, { username: ADMIN.username, password: 'not-the-password' });
  await expect(page.getByRole('alert')).toHaveText('The user name or the password is wrong.');
  await expectAccessible(page);
  const password = page.getByRole('textbox', { name: 'Password' });
  await expect(password).toBeFocused();
  await expect(password).toHaveAttribute('type', 'password');
  await page.getByRole('button', { name: 'Show the password' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await expect(password).toHaveAttribute('autocomplete', 'current-password');
  await password.fill(ADMIN.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('button', { name: 'Account of admin' })).toBeVisible();
});

for (const next of ['//evil.invalid', 'https://evil.invalid/', '/\\evil.invalid', 'javascript:alert(1)']) {
  test(`the login does not lead to ${next}`, async ({ page, logins }) => {
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await enter(page, ADMIN);
    await expect(page.getByRole('button', { name: 'Account of admin' })).toBeVisible();
    expect(page.url()).toBe(`${logins.server.url}/`);
  });
}

test('a session that ended meanwhile: the login, and back to the same place', async ({ page, logins }) => {
  const experiment = await logins.api.experiment('login/ended');
  const user = await logins.user();
  await openAs(page, ADMIN, `/experiments/${experiment}`);
  await expect(page.getByRole('heading', { name: 'login/ended' })).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Charts' }).click();
  await page.waitForURL(/\/login\?next=/);
  await enter(page, user);
  // Another one, who may not: no page of the one before.
  await expect(page.getByRole('alert').first()).toContainText(`READ on experiment ${experiment}`);
  await chooseOfAccount(page, 'Sign out');
  await page.waitForURL('**/login');
  await enter(page, ADMIN);
  await page.waitForURL((url) => url.pathname === '/');
});

test('an action after the end of the session leads to the login too', async ({ page, logins }) => {
  const experiment = await logins.api.experiment('login/action');
  await openAs(page, ADMIN, `/experiments/${experiment}/settings`);
  const name = page.getByRole('textbox', { name: 'Name of the experiment' });
  await name.fill('login/renamed');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.waitForURL(/\/login\?next=/);
  await enter(page, ADMIN);
  await expect(name).toHaveValue('login/action');
});

test('after signing out, Back shows nothing', async ({ page, logins }) => {
  const experiment = await logins.api.experiment('login/secret-plan');
  await openAs(page, ADMIN, `/experiments/${experiment}`);
  await expect(page.getByRole('heading', { name: 'login/secret-plan' })).toBeVisible();
  await chooseOfAccount(page, 'Sign out');
  await page.waitForURL('**/login');
  await page.goBack();
  await page.waitForURL(/\/login/);
  await expect(page.getByRole('heading', { name: 'login/secret-plan' })).toHaveCount(0);
});

test('too many failures: the page counts down', async ({ page, watched }) => {
  watched.mayFail.push(/\/(api|ajax-api)\//);
  const server = await Server.startWithLogins();
  try {
    await page.goto(`${server.url}/login`);
    const button = page.getByRole('button', { name: /^(Log in|Wait \d+ s)$/ });
    const alert = page.getByRole('alert');
    await expect(async () => {
      await enter(page, { username: 'nobody', password: 'wrong-password-0' });
      await expect(alert).toContainText('Too many logins failed. Try again in', { timeout: 500 });
    }).toPass({ timeout: 20_000, intervals: [0] });
    await expect(button).toHaveText(/Wait \d+ s/);
    await expect(button).toBeDisabled();
    await expect(button).toHaveText('Log in', { timeout: 20_000 });
    await expect(button).toBeEnabled();
  } finally {
    await server.remove();
  }
});

open('a server without logins says so, and shows no account', async ({ page }) => {
  for (const path of ['/account', '/admin/users', '/admin/roles', '/admin/audit']) {
    await page.goto(path);
    await expect(
      page.getByRole('heading', { name: 'This server runs without authentication' }),
    ).toBeVisible();
  }
  await expectAccessible(page);
  await page.goto('/login?next=%2Fsettings');
  await expect(page.getByRole('heading', { name: 'No login is needed' })).toBeVisible();
  await page.getByRole('link', { name: 'Go on' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Account of/ })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Admin' })).toHaveCount(0);
});
