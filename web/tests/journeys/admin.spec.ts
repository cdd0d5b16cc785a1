/** What an administrator does with users and roles, and what others see of it. */

import { ADMIN, openAs, test } from '../support/logins';
import { expect, expectAccessible } from '../support/test';

test('an account is made, gets another password and is deleted after its name is typed', async ({ page }) => {
  await openAs(page, ADMIN, '/');
  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('button', { name: 'New user' }).click();
  const making = page.getByRole('dialog', { name: 'New user' });
  await making.getByRole('textbox', { name: 'User name' }).fill('team/zoë 100%');
  await making.getByRole('textbox', { name: 'Password' }).fill('short');
  await making.getByRole('button', { name: 'Create' }).click();
  await expect(making.getByRole('alert')).toContainText('12');
  await making.getByRole('textbox', { name: 'Password' }).fill('vermilion-otter-41');
  await making.getByRole('button', { name: 'Create' }).click();
  await expect(making).toHaveCount(0);

  await page.getByRole('searchbox', { name: 'Filter users' }).fill('zoë');
  await expect(page).toHaveURL(/q=zo/);
  await page.getByRole('link', { name: 'team/zoë 100%' }).click();
  await expect(page.getByRole('heading', { name: 'team/zoë 100%' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'team/zoë 100%' })).toBeVisible();

  const act = async (item: string) => {
    await page.getByRole('button', { name: /^Actions of/ }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await act('Reset the password…');
  const reset = page.getByRole('dialog', { name: /^Reset the password/ });
  await reset.getByRole('textbox', { name: 'New password' }).fill('marzipan-lantern-9');
  await reset.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText(/has another password/)).toBeVisible();
  await act('Make an administrator');
  await expect(page.getByRole('main').getByText('Administrator', { exact: true })).toBeVisible();

  await act('Delete…');
  const deleting = page.getByRole('dialog', { name: /^Delete/ });
  const button = deleting.getByRole('button', { name: 'Delete', exact: true });
  await deleting.getByRole('textbox', { name: 'User name' }).fill('team/zoë');
  await expect(button).toBeDisabled();
  await deleting.getByRole('textbox', { name: 'User name' }).fill('team/zoë 100%');
  await button.click();
  await page.waitForURL('**/admin/users');
  await expect(page.getByRole('link', { name: 'admin' }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'team/zoë 100%' })).toHaveCount(0);
});

test('a role with permissions is given to a user, who has them then', async ({ page, logins, browser }) => {
  const experiment = await logins.api.experiment('admin/by-role');
  const user = await logins.user();
  await openAs(page, ADMIN, '/admin/roles');
  await page.getByRole('button', { name: 'New role' }).click();
  const making = page.getByRole('dialog', { name: 'New role' });
  await making.getByRole('textbox', { name: 'Name' }).fill('readers of vision');
  await making.getByRole('textbox', { name: 'Description' }).fill('Look, do not touch');
  await making.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('link', { name: 'readers of vision' }).click();

  const form = page.getByRole('form', { name: 'Grant a permission' });
  await form.getByRole('combobox', { name: /Name or ID/ }).fill('admin/by-role');
  await form.getByRole('button', { name: 'Grant' }).click();
  const permissions = page.getByRole('region', { name: 'Permissions of the role' });
  await expect(permissions.getByRole('link', { name: 'admin/by-role' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Another user' }).selectOption(user.username);
  await page.getByRole('button', { name: 'Assign' }).click();
  await expect(
    page.getByRole('region', { name: 'Users with the role' }).getByRole('link', { name: user.username }),
  ).toBeVisible();
  await expectAccessible(page);

  const other = await browser.newContext({ baseURL: logins.server.url });
  const theirs = await other.newPage();
  await openAs(theirs, user, `/experiments/${experiment}/settings`);
  await expect(theirs.getByRole('heading', { name: 'admin/by-role' })).toBeVisible();
  await theirs.getByRole('button', { name: 'Delete' }).click();
  await theirs.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(theirs.getByText(`This needs MANAGE on experiment ${experiment}.`)).toBeVisible();
  await theirs.goto('/account');
  await expect(theirs.getByRole('region', { name: 'By the role readers of vision' }).first()).toContainText(
    'READ',
  );

  await permissions.getByRole('combobox', { name: /^Permission on/ }).selectOption('MANAGE');
  await expect(page.getByText(/has MANAGE now/)).toBeVisible();
  await theirs.goto(`/experiments/${experiment}/settings`);
  await theirs.getByRole('button', { name: 'Delete' }).click();
  await theirs.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(theirs.getByText('Deleted “admin/by-role”.')).toBeVisible();
  await other.close();

  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.waitForURL('**/admin/roles');
  await expect(page.getByRole('link', { name: 'readers of vision' })).toHaveCount(0);
});

test('a permission is granted, changed and revoked where the experiment is', async ({
  page,
  logins,
  browser,
}) => {
  const experiment = await logins.api.experiment('admin/shared');
  const user = await logins.user();
  const other = await browser.newContext({ baseURL: logins.server.url });
  const theirs = await other.newPage();
  await openAs(theirs, user, `/experiments/${experiment}/settings`);
  const alert = theirs.getByRole('alert').first();
  await expect(alert).toContainText('You have no permission for this');
  await expect(alert).toContainText(`This needs READ on experiment ${experiment}. Whoever has MANAGE on it`);

  await openAs(page, ADMIN, `/experiments/${experiment}`);
  await page.getByRole('button', { name: 'More actions of the experiment' }).click();
  await page.getByRole('menuitem', { name: 'Permissions…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Permissions of admin/shared' });
  await expect(dialog.getByText('NO_PERMISSIONS, as the server is set up')).toBeVisible();
  await dialog.getByRole('combobox', { name: 'User' }).fill(user.username);
  await dialog.getByRole('button', { name: 'Grant' }).click();
  const row = dialog.getByRole('row', { name: new RegExp(`^${user.username} `) });
  await expect(row).toBeVisible();
  await expectAccessible(page);

  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(theirs.getByRole('heading', { name: 'admin/shared' })).toBeVisible();
  const name = theirs.getByRole('textbox', { name: 'Name of the experiment' });
  await name.fill('admin/renamed');
  await theirs.getByRole('button', { name: 'Rename' }).click();
  await expect(theirs.getByText(`This needs EDIT on experiment ${experiment}.`)).toBeVisible();

  await row.getByRole('combobox').selectOption('EDIT');
  await expect(page.getByText(`${user.username} has EDIT now`)).toBeVisible();
  await theirs.getByRole('button', { name: 'Rename' }).click();
  await expect(theirs.getByRole('heading', { name: 'admin/renamed' })).toBeVisible();
  // EDIT is no MANAGE: who else may is not shown.
  await theirs.getByRole('button', { name: 'More actions of the experiment' }).click();
  await theirs.getByRole('menuitem', { name: 'Permissions…' }).click();
  await expect(theirs.getByRole('dialog').getByText(/^Who else may do what/)).toBeVisible();

  await row.getByRole('button', { name: /^Revoke/ }).click();
  await expect(row).toHaveCount(0);
  await theirs.reload();
  await expect(theirs.getByRole('alert').first()).toContainText('READ on experiment');
  await other.close();
});

test('the administration is for administrators', async ({ page, logins }) => {
  await openAs(page, await logins.user(), '/');
  await expect(page.getByRole('link', { name: 'Admin' })).toHaveCount(0);
  await page.goto('/admin/users');
  await expect(page.getByRole('heading', { name: 'This is for administrators' })).toBeVisible();
});

test('the audit log has what happened, page by page', async ({ page, logins }) => {
  const user = await logins.user();
  await openAs(page, ADMIN, '/admin/audit');
  const log = page.getByRole('region', { name: 'Audit log' });
  await expect(log.getByRole('row', { name: new RegExp(user.username) }).first()).toContainText('admin');
  for (let i = 0; i < 110; i += 1) {
    await logins.api.call('PATCH', 'users/update-admin', { username: user.username, is_admin: i % 2 === 0 });
  }
  await page.getByRole('button', { name: 'Read again' }).click();
  const first = log.getByRole('row').nth(1);
  await expect(first).toContainText(user.username);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL(/before=\d+/);
  await expect(page.getByRole('link', { name: 'Latest' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('link', { name: 'Older' })).toBeVisible();
});

for (const width of [1440, 390]) {
  test(`accessible, ${width} px wide`, async ({ page, logins }) => {
    const user = await logins.user();
    await logins.grant(user.username, await logins.api.experiment(`admin/accessible-${width}`), 'EDIT');
    await page.setViewportSize({ width, height: 700 });
    await openAs(page, ADMIN, '/account');
    for (const path of [
      '/account',
      '/admin/users',
      `/admin/users/${user.username}`,
      '/admin/roles',
      '/admin/audit',
    ]) {
      await page.goto(path, { waitUntil: 'networkidle' });
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
      await expectAccessible(page);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
}
