/** Playwright's test with a server that asks for a login. */

import type { Page } from '@playwright/test';
import { Api, type Login } from './api';
import { ADMIN, Server } from './server';
import { test as base } from './test';

interface Logins {
  server: Server;
  /** As the administrator. */
  api: Api;
  /** Makes an account with a name of its own. */
  user: () => Promise<Login>;
  grant: (username: string, experiment: string, permission: string) => Promise<unknown>;
}

export { ADMIN };

export const test = base.extend<{ logins: Logins }, { guarded: Server }>({
  guarded: [
    async ({}, use) => {
      const server = await Server.startWithLogins();
      await use(server);
      await server.remove();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  logins: [
    async ({ guarded, watched }, use) => {
      // Who is not logged in, or may not, is refused: that is what is looked at.
      watched.mayFail.push(/\/(api|ajax-api)\//);
      const api = new Api(guarded.url, ADMIN);
      await use({
        server: guarded,
        api,
        user: async () => {
          const login = { username: nextName(), password: 'vermilion-otter-41' };
          await api.call('POST', 'users/create', login);
          return login;
        },
        grant: (username, experiment, permission) =>
          api.call('POST', '../../3.0/mlflow/users/permissions/grant', {
            username,
            resource_type: 'experiment',
            resource_id: experiment,
            permission,
          }),
      });
    },
    { auto: true },
  ],
  baseURL: async ({ guarded }, use) => use(guarded.url),
});

let made = 0;

function nextName(): string {
  made += 1;
  return `user-${made}`;
}

/** Fills the login page in. */
export async function enter(page: Page, { username, password }: Login): Promise<void> {
  await page.getByRole('textbox', { name: 'User name' }).fill(username);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('textbox', { name: 'Password' }).press('Enter');
}

/** Opens a page, and logs in on the way. */
export async function openAs(page: Page, login: Login, path = '/'): Promise<void> {
  await page.goto(path);
  await page.waitForURL(/\/login/);
  await enter(page, login);
  await page.waitForURL((url) => url.pathname !== '/login');
}

/** Chooses from the menu of the account. */
export async function chooseOfAccount(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}
