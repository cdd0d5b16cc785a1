/** What a user does with the own account. */

import { Api } from '../support/api';
import { enter, openAs, test } from '../support/logins';
import { expect, expectAccessible } from '../support/test';

test('the password is changed; what is wrong is told at the field', async ({ page, logins }) => {
  const user = await logins.user();
  await openAs(page, user, '/account');
  const field = (name: string) => page.getByRole('textbox', { name, exact: true });
  const button = page.getByRole('button', { name: 'Change the password' });
  const change = async (current: string, next: string, repeated = next) => {
    await field('Current password').fill(current);
    await field('New password').fill(next);
    await field('New password, once more').fill(repeated);
  };
  await change(user.password, 'marzipan-lantern-9', 'marzipan-lantern-8');
  await expect(field('New password, once more')).toHaveAccessibleDescription('This is another one.');
  await expect(button).toBeDisabled();
  await change('not-the-current-one', 'marzipan-lantern-9');
  await button.click();
  await expect(field('Current password')).toHaveAttribute('aria-invalid', 'true');
  await change(user.password, 'short');
  await button.click();
  await expect(field('New password')).toHaveAttribute('aria-invalid', 'true');
  await expect(field('New password')).toHaveAccessibleDescription(/12/);
  await change(user.password, 'marzipan-lantern-9');
  await button.click();
  await expect(page.getByText('The password is changed.')).toBeVisible();

  // This session goes on, and the next one needs the new password.
  await page.reload();
  await expect(page.getByRole('heading', { name: user.username })).toBeVisible();
  await page.context().clearCookies();
  await page.goto('/account');
  await enter(page, user);
  await expect(page.getByRole('alert')).toContainText('wrong');
  await enter(page, { ...user, password: 'marzipan-lantern-9' });
  await expect(page.getByRole('heading', { name: user.username })).toBeVisible();
});

test('an API token is shown once, works for a program, and ends when it is revoked', async ({
  page,
  logins,
}) => {
  const user = await logins.user();
  await openAs(page, user, '/account');
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API token' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('laptop');
  await dialog.getByRole('combobox', { name: 'Ends' }).selectOption('in 30 days');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create' }).click();
  const made = page.getByRole('dialog', { name: 'The token “laptop”' });
  await expect(made.getByText(/^oxf_\S+$/)).toBeVisible();
  const secret = (await made.getByText(/^oxf_\S+$/).innerText()).trim();
  await expect(made.getByRole('tabpanel')).toContainText(`export MLFLOW_TRACKING_TOKEN=${secret}`);
  await made.getByRole('tab', { name: 'Name and password' }).click();
  await expect(made.getByRole('tabpanel')).toContainText(`export MLFLOW_TRACKING_PASSWORD=${secret}`);
  await expectAccessible(page);
  await made.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.getByText(secret)).toHaveCount(0);
  const row = page.getByRole('row', { name: /laptop/ });
  await expect(row).toContainText('never');

  const program = new Api(logins.server.url, { username: user.username, password: secret });
  const path = 'experiments/search?max_results=1';
  expect(await program.status(path)).toBe(200);
  await row.getByRole('button', { name: 'Revoke laptop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(row).toHaveCount(0);
  expect(await program.status(path)).toBe(401);
});

test('what one may do stands there, by name and by role', async ({ page, logins }) => {
  const user = await logins.user();
  const experiment = await logins.api.experiment('account/permissions');
  await openAs(page, user, '/account');
  await expect(page.getByText('Nothing was granted to you.')).toBeVisible();
  await logins.grant(user.username, experiment, 'MANAGE');
  await page.reload();
  const granted = page.getByRole('region', { name: 'Granted to you' });
  await expect(granted.getByRole('link', { name: 'account/permissions' })).toBeVisible();
  await granted.getByRole('button', { name: `Permissions of experiment ${experiment}` }).click();
  await expect(page.getByRole('dialog').getByText('MANAGE', { exact: true }).first()).toBeVisible();
  await expectAccessible(page);
});
