/** A run made by hand. */

import { expect, expectAccessible, test } from '../support/test';

test('a new run gets its name and tags, and is opened', async ({ page, api }) => {
  const experiment = await api.experiment('by hand');
  await page.goto(`/experiments/${experiment}`);
  await page.getByRole('button', { name: 'New run' }).click();
  const dialog = page.getByRole('dialog', { name: 'New run' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('on paper');
  await dialog.getByRole('combobox', { name: 'State' }).selectOption('FINISHED');
  await dialog.getByRole('button', { name: 'Tag', exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Tag' }).fill('team');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('vision');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'on paper', level: 1 })).toBeVisible();
  const runId = /\/runs\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? '';
  const { run } = await api.call<{
    run: { info: { status: string }; data: { tags: { key: string; value: string }[] } };
  }>('GET', `runs/get?run_id=${runId}`);
  expect(run.info.status).toBe('FINISHED');
  expect(run.data.tags).toContainEqual({ key: 'team', value: 'vision' });
});

test('what the server refuses is said in the dialog', async ({ page, api, watched }) => {
  const experiment = await api.experiment('by hand refused');
  watched.mayFail.push(/runs\/create/);
  await page.goto(`/experiments/${experiment}`);
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible();
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New run' });
  await dialog.getByRole('button', { name: 'Tag', exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Tag' }).fill('k'.repeat(300));
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveAccessibleDescription(/250 characters/);
});
