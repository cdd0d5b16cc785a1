/** What is deleted goes for good, if somebody says so twice. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Route } from '@playwright/test';
import type { Api } from '../support/api';
import { choose } from '../support/charts';
import { openAs, test as withLogins } from '../support/logins';
import { expect, expectAccessible, test } from '../support/test';

const bar = (page: Page) => page.getByRole('group', { name: 'Selected runs' });
const notices = (page: Page) => page.getByRole('region', { name: 'Notices' });
const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const state = (page: Page) => page.getByRole('combobox', { name: 'State' });

async function deletedRuns(api: Api, experiment: string, names: readonly string[]): Promise<string[]> {
  const ids = await Promise.all(names.map((name) => api.run(experiment, name)));
  await Promise.all(ids.map((run_id) => api.call('POST', 'runs/delete', { run_id })));
  return ids;
}

/** A version of a registered model that comes from the run. */
async function register(api: Api, name: string, run: string) {
  await api.call('POST', 'registered-models/create', { name });
  const source = `runs:/${run}/model`;
  await api.call('POST', 'model-versions/create', { name, source, run_id: run });
}

test('selected runs go for good with their artifacts, and the page says what stays and why', async ({
  page,
  api,
  demo,
}) => {
  const id = await api.experiment('trash/runs');
  const [gone = '', , held = ''] = await deletedRuns(api, id, ['goes', 'goes too', 'held', 'left']);
  await api.upload(id, gone, 'big.txt', 'content');
  const folder = join(demo.folder, 'artifacts', id, gone);
  expect(existsSync(folder)).toBe(true);
  await register(api, 'trash-wine', held);

  await page.goto(`/experiments/${id}`);
  await state(page).selectOption('Deleted');
  for (const name of ['goes too', 'held']) await rowOf(page, name).getByRole('checkbox').click();
  await page.getByRole('link', { name: 'goes', exact: true }).waitFor();
  await page
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: 'goes', exact: true }) })
    .getByRole('checkbox')
    .click();
  await expect(bar(page)).toContainText('3 selected');
  await bar(page).getByRole('button', { name: 'Delete for good…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 3 runs for good?' });
  await expect(dialog).toContainText('their artifacts');
  await expect(dialog).toContainText('cannot be undone');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await api.status(`runs/get?run_id=${gone}`)).toBe(200);

  await bar(page).getByRole('button', { name: 'Delete for good…' }).click();
  await dialog.getByRole('button', { name: 'Delete 3 runs for good' }).click();
  const reason = 'version trash-wine/1 of a registered model comes from it';
  await expect(notices(page)).toContainText(
    `Deleted 2 runs for good. Run ${held.slice(0, 8)} stays: ${reason}.`,
  );
  const transfer = page.getByRole('article', { name: 'Deleting 3 runs for good' });
  await expect(transfer).toContainText('1 stays');
  await expect(transfer.getByRole('list', { name: 'What stays' })).toContainText(reason);
  await expectAccessible(page);
  await expect(rowOf(page, 'goes')).toHaveCount(0);
  await expect(rowOf(page, 'left')).toBeVisible();
  await expect(bar(page)).toHaveCount(0);
  expect(existsSync(folder)).toBe(false);
  expect(await api.status(`runs/get?run_id=${gone}`)).toBe(404);

  // To the one that stays.
  await transfer.getByRole('link', { name: held.slice(0, 8) }).click();
  await expect(page.getByRole('heading', { name: 'held' })).toBeVisible();
});

test('all that match go in parts, and nothing that is not deleted', async ({ page, api }) => {
  test.setTimeout(60_000);
  const id = await api.experiment('trash/many');
  for (let from = 0; from < 240; from += 20)
    await deletedRuns(
      api,
      id,
      Array.from({ length: 20 }, (_, i) => `many-${from + i}`),
    );
  const active = await api.run(id, 'active one');
  await page.goto(`/experiments/${id}?view=all`);
  await page.getByRole('row').nth(1).getByRole('checkbox').click();
  await bar(page).getByRole('button', { name: 'Select all 241' }).click();
  await choose(page, bar(page).getByRole('button', { name: 'More' }), 'Delete those deleted for good…');
  const dialog = page.getByRole('dialog', { name: 'Delete 240 runs for good?' });
  await expect(dialog).toContainText('The other 1 run of the selection is not deleted, and left alone.');
  const parts: number[] = [];
  page.on('request', (request) => {
    if (!request.url().endsWith('/runs/purge')) return;
    parts.push((request.postDataJSON() as { run_ids: string[] }).run_ids.length);
  });
  await dialog.getByRole('button', { name: 'Delete 240 runs for good' }).click();
  await expect(notices(page)).toContainText('Deleted 240 runs for good.');
  expect(parts).toEqual([200, 40]);
  await expect(page.getByText('1 run', { exact: true })).toBeVisible();
  await expect(rowOf(page, 'active one')).toBeVisible();
  expect(await api.status(`runs/get?run_id=${active}`)).toBe(200);
});

test('what is left can be cancelled, and what was removed is told', async ({ page, api }) => {
  test.setTimeout(60_000);
  const id = await api.experiment('trash/cancelled');
  for (let from = 0; from < 220; from += 20)
    await deletedRuns(
      api,
      id,
      Array.from({ length: 20 }, (_, i) => `some-${from + i}`),
    );
  // The first request waits until Cancel is pressed.
  const waiting: Route[] = [];
  await page.route('**/runs/purge', (route) => {
    waiting.push(route);
  });
  await page.goto(`/experiments/${id}?view=deleted`);
  await page.getByRole('row').first().getByRole('checkbox').click();
  await bar(page).getByRole('button', { name: 'Delete for good…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 220 runs for good?' });
  await dialog.getByRole('button', { name: 'Delete 220 runs for good' }).click();
  const transfer = page.getByRole('article', { name: 'Deleting 220 runs for good' });
  await transfer.getByRole('button', { name: 'Cancel' }).click();
  await waiting[0]?.continue();
  await expect(notices(page)).toContainText('Deleted 200 runs for good. The rest was left.');
  await expect(page.getByText('20 runs', { exact: true })).toBeVisible();
  expect(waiting).toHaveLength(1);
});

test('a deleted run goes from its own page', async ({ page, api }) => {
  const id = await api.experiment('trash/run');
  const [run = '', held = ''] = await deletedRuns(api, id, ['alone', 'with a version']);
  await register(api, 'trash-fox', held);

  await page.goto(`/runs/${held}`);
  await expect(page.getByText('This run is deleted.')).toBeVisible();
  await expectAccessible(page);
  const more = page.getByRole('button', { name: 'More actions', exact: true });
  await choose(page, more, 'Delete for good…');
  const dialog = page.getByRole('dialog', { name: 'Delete 1 run for good?' });
  await dialog.getByRole('button', { name: 'Delete 1 run for good' }).click();
  await expect(notices(page)).toContainText(/Nothing was deleted\..*version trash-fox\/1/);
  await expect(page.getByText('This run is deleted.')).toBeVisible();

  await page.goto(`/runs/${run}`);
  await page.getByRole('main').getByRole('button', { name: 'Delete for good…' }).click();
  await dialog.getByRole('button', { name: 'Delete 1 run for good' }).click();
  await expect(notices(page)).toContainText('Deleted 1 run for good.');
  await expect(page).toHaveURL(new RegExp(`/experiments/${id}$`));
  expect(await api.status(`runs/get?run_id=${run}`)).toBe(404);
});

test('a deleted experiment goes after its name is typed', async ({ page, api }) => {
  const id = await api.experiment('trash/whole');
  const run = await api.run(id, 'inside');
  await api.call('POST', 'experiments/delete', { experiment_id: id });
  await page.goto('/?q=trash/whole');
  await state(page).selectOption('Deleted');
  await page.getByRole('button', { name: 'Actions of trash/whole' }).click();
  await page.getByRole('menuitem', { name: 'Delete for good…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete “trash/whole” for good?' });
  const button = dialog.getByRole('button', { name: 'Delete for good' });
  const name = dialog.getByRole('textbox', { name: 'Name of the experiment' });
  await expect(name).toBeFocused();
  await expect(button).toBeDisabled();
  await name.fill('trash');
  await name.press('Enter');
  await expect(button).toBeDisabled();
  await expectAccessible(page);
  await name.fill('trash/whole');
  await name.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(notices(page)).toContainText('Deleted 1 experiment and 1 run for good.');
  await expect(page.getByRole('button', { name: 'Actions of trash/whole' })).toHaveCount(0);
  expect(await api.status(`experiments/get?experiment_id=${id}`)).toBe(404);
  expect(await api.status(`runs/get?run_id=${run}`)).toBe(404);
});

test('several deleted experiments go after their number is typed', async ({ page, api }) => {
  const names = ['trash-several-a', 'trash-several-b', 'trash-several-c'];
  const ids = await Promise.all(names.map((name) => api.experiment(name)));
  const [held = ''] = ids;
  await register(api, 'trash-held', await api.run(held, 'held'));
  await Promise.all(ids.map((experiment_id) => api.call('POST', 'experiments/delete', { experiment_id })));
  await page.goto('/?q=trash-several&view=deleted');
  for (const name of names) await rowOf(page, name).getByRole('checkbox').check();
  await page.getByRole('main').getByRole('button', { name: 'Delete for good…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 3 experiments for good?' });
  for (const name of names) await expect(dialog.getByText(name, { exact: true })).toBeVisible();
  await dialog.getByRole('textbox', { name: 'How many' }).fill('3 experiments');
  await dialog.getByRole('button', { name: 'Delete 3 experiments for good' }).click();
  await expect(notices(page)).toContainText('Deleted 2 experiments for good. 1 experiment and 1 run stay.');
  await expect(page.getByRole('list', { name: 'What stays' })).toContainText('trash-held/1');
  await expect(rowOf(page, names[0] ?? '')).toBeVisible();
  await expect(rowOf(page, names[1] ?? '')).toHaveCount(0);
});

test('a deleted experiment goes from its settings', async ({ page, api }) => {
  const id = await api.experiment('trash/settings');
  await api.call('POST', 'experiments/delete', { experiment_id: id });
  await page.goto(`/experiments/${id}/settings`);
  await expect(page.getByRole('heading', { name: 'Restore or delete for good' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Delete for good…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete “trash/settings” for good?' });
  await dialog.getByRole('textbox').fill('trash/settings');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(notices(page)).toContainText('Deleted 1 experiment for good.');
  await expect(page).toHaveURL((url) => url.pathname === '/');
  expect(await api.status(`experiments/get?experiment_id=${id}`)).toBe(404);
  // Nor is it among those that were opened lately.
  await expect(page.getByRole('link', { name: 'trash/settings' })).toHaveCount(0);
});

withLogins('who does not manage the experiment is told what is missing', async ({ page, logins }) => {
  const { api } = logins;
  const id = await api.experiment('trash/denied');
  const [run = ''] = await deletedRuns(api, id, ['not yours']);
  const user = await logins.user();
  await logins.grant(user.username, id, 'EDIT');
  await openAs(page, user, `/runs/${run}`);
  await page.getByRole('main').getByRole('button', { name: 'Delete for good…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 run for good' }).click();
  await expect(notices(page)).toContainText(
    `Nothing was deleted. This needs MANAGE on the experiment of run ${run}.`,
  );
  expect(await api.status(`runs/get?run_id=${run}`)).toBe(200);
  await page.reload();
  await expect(page.getByText('This run is deleted.')).toBeVisible();
});
