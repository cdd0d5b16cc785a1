/** The list of experiments: finding, making, changing and taking away. */

import type { Page } from '@playwright/test';
import { Api } from '../support/api';
import { Server } from '../support/server';
import { expect, test } from '../support/test';

const table = (page: Page) => page.getByRole('treegrid', { name: 'Experiments' });
const rowOf = (page: Page, name: string) => table(page).getByRole('row', { name, exact: true });
const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter experiments' });
const notices = (page: Page) => page.getByRole('region', { name: 'Notices' });

async function act(page: Page, experiment: string, action: string) {
  await page.getByRole('button', { name: `Actions of ${experiment}` }).click();
  await page.getByRole('menu').getByRole('menuitem', { name: action }).click();
}

test('folders open and close, or are left out, and the address keeps it', async ({ page, untouched }) => {
  await page.goto(untouched.url);
  await expect(rowOf(page, 'vision/detection/yolo')).toHaveAttribute('aria-level', '3');
  await expect(rowOf(page, 'Folder vision')).toHaveAttribute('aria-expanded', 'true');
  await page.getByRole('button', { name: 'Close folder vision', exact: true }).click();
  await expect(rowOf(page, 'vision/detection/yolo')).toHaveCount(0);
  await expect(rowOf(page, 'nlp/sentiment')).toBeVisible();

  await page.reload();
  await expect(rowOf(page, 'nlp/sentiment')).toBeVisible();
  await expect(rowOf(page, 'vision/detection/yolo')).toHaveCount(0);

  await page.getByRole('button', { name: 'Folders by the slashes in names' }).click();
  const grid = page.getByRole('grid', { name: 'Experiments' });
  await expect(grid.getByRole('link', { name: 'vision/detection/yolo' })).toBeVisible();
  await expect(grid.getByRole('row', { name: /^Folder/ })).toHaveCount(0);
  await page.goBack();
  await expect(rowOf(page, 'Folder vision')).toBeVisible();
});

test('the filter finds names and notes while it is typed', async ({ page, untouched }) => {
  await page.goto(untouched.url);
  await filter(page).fill('yol');
  await expect(rowOf(page, 'vision/detection/yolo')).toBeVisible();
  await expect(rowOf(page, 'nlp/sentiment')).toHaveCount(0);
  await expect(page).toHaveURL(/q=yol/);
  // "Imagenette" is in the note only.
  await filter(page).fill('imagenette');
  await expect(rowOf(page, 'vision/resnet')).toBeVisible();
  await expect(rowOf(page, 'vision/detection/yolo')).toHaveCount(0);
  await filter(page).fill('nothing has this');
  await expect(page.getByRole('heading', { name: 'No experiment matches' })).toBeVisible();
  await page.getByRole('button', { name: /Show all/ }).click();
  await expect(rowOf(page, 'nlp/sentiment')).toBeVisible();
  await expect(filter(page)).toHaveValue('');
});

test('a press on a tag filters by it', async ({ page, untouched }) => {
  await page.goto(untouched.url);
  await rowOf(page, 'vision/resnet').getByRole('button', { name: 'team: vision' }).click();
  await expect(rowOf(page, 'vision/detection/yolo')).toBeVisible();
  await expect(rowOf(page, 'nlp/sentiment')).toHaveCount(0);
  await page.getByRole('button', { name: 'Without the filter team=vision' }).click();
  await expect(rowOf(page, 'nlp/sentiment')).toBeVisible();
});

test('a new experiment; a taken name is refused beside its field', async ({ page, api, watched }) => {
  watched.mayFail.push(/experiments\/create/);
  await api.experiment('making/taken');
  await page.goto('/');
  await page.getByRole('button', { name: 'New experiment', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'New experiment' });
  const name = dialog.getByRole('textbox', { name: 'Name' });
  await expect(name).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Create' })).toBeDisabled();
  await name.fill('making/taken');
  await name.press('Enter');
  await expect(dialog.getByText(/already exists/)).toBeVisible();
  await expect(name).toHaveAttribute('aria-invalid', 'true');

  await name.fill('making/fresh');
  await expect(dialog.getByText(/already exists/)).toHaveCount(0);
  await name.press('Enter');
  await expect(page.getByRole('heading', { name: 'making/fresh', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/experiments\/\d+$/);
  await expect(page.getByRole('main').getByText(/mlflow\.start_run/)).toBeVisible();
  await page.goto('/');
  await page.getByRole('searchbox', { name: 'Filter experiments' }).fill('fresh');
  await expect(rowOf(page, 'making/fresh')).toBeVisible();
});

test('renaming; a taken name changes nothing', async ({ page, api, watched }) => {
  watched.mayFail.push(/experiments\/update/);
  await api.experiment('naming/before');
  await api.experiment('naming/other');
  await page.goto('/?q=naming');
  await act(page, 'naming/before', 'Rename…');
  const dialog = page.getByRole('dialog', { name: 'Rename experiment' });
  const name = dialog.getByRole('textbox', { name: 'Name' });
  await expect(name).toHaveValue('naming/before');
  await name.fill('naming/other');
  await name.press('Enter');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await name.fill('naming/after');
  await name.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(rowOf(page, 'naming/after')).toBeVisible();
  await expect(rowOf(page, 'naming/before')).toHaveCount(0);
});

test('the note is written, shown in the list, and as Markdown in the experiment', async ({ page, api }) => {
  const id = await api.experiment('noting');
  await page.goto('/?q=noting');
  await act(page, 'noting', 'Note…');
  const dialog = page.getByRole('dialog', { name: 'Note of noting' });
  await dialog.getByRole('textbox', { name: 'Note' }).fill('Which **optimizer**?\n\n- adam\n- sgd');
  await dialog.getByRole('button', { name: /Save/ }).click();
  await expect(dialog).toHaveCount(0);
  await expect(rowOf(page, 'noting')).toContainText('optimizer');
  await page.goto(`/experiments/${id}`);
  await page.getByRole('button', { name: 'Note', exact: true }).click();
  await expect(page.locator('main strong', { hasText: 'optimizer' })).toBeVisible();
  await expect(page.locator('main li', { hasText: 'sgd' })).toBeVisible();
});

test('deleting can be undone at once, and later from the deleted ones', async ({ page, api }) => {
  await api.experiment('deleting');
  await page.goto('/?q=deleting');
  await act(page, 'deleting', 'Delete');
  await expect(rowOf(page, 'deleting')).toHaveCount(0);
  await notices(page).getByRole('button', { name: 'Undo' }).click();
  await expect(rowOf(page, 'deleting')).toBeVisible();

  await act(page, 'deleting', 'Delete');
  await expect(rowOf(page, 'deleting')).toHaveCount(0);
  await page.getByRole('combobox', { name: 'State' }).selectOption('Deleted');
  await expect(rowOf(page, 'deleting')).toContainText('Deleted');
  await act(page, 'deleting', 'Restore');
  await expect(rowOf(page, 'deleting')).toHaveCount(0);
  await page.getByRole('combobox', { name: 'State' }).selectOption('Active');
  await expect(rowOf(page, 'deleting')).toBeVisible();
});

test('several at once: a tag, deleted, undone', async ({ page, api }) => {
  for (const name of ['several/a', 'several/b', 'several/c']) await api.experiment(name);
  await page.goto('/?q=several');
  // The folder stands for what is in it; one is taken out again.
  await rowOf(page, 'Folder several').getByRole('checkbox').check();
  await rowOf(page, 'several/c').getByRole('checkbox').uncheck();
  await expect(page.getByRole('strong').getByText('2 selected')).toBeVisible();
  await page.getByRole('button', { name: 'Add tag' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a tag to 2 experiments' });
  await dialog.getByRole('textbox', { name: 'Key' }).fill('stage');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('review');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(rowOf(page, 'several/a')).toContainText('stage: review');
  await expect(rowOf(page, 'several/b')).toContainText('stage: review');
  await expect(rowOf(page, 'several/c')).not.toContainText('stage');

  await page.getByRole('main').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(rowOf(page, 'several/a')).toHaveCount(0);
  await expect(rowOf(page, 'several/c')).toBeVisible();
  await notices(page).getByText('2 experiments deleted').waitFor();
  await notices(page).getByRole('button', { name: 'Undo' }).click();
  await expect(rowOf(page, 'several/b')).toBeVisible();
});

// On a server of its own: those of other tests would push its experiments out of the window of the list.
test('the list by keyboard', async ({ page, untouched }) => {
  const api = new Api(untouched.url);
  await api.experiment('keyboard/one');
  await api.experiment('keyboard/two');
  await page.goto(untouched.url);
  await expect(rowOf(page, 'keyboard/one')).toBeVisible();
  await page.keyboard.press('/');
  await expect(filter(page)).toBeFocused();
  await page.keyboard.type('keyboard');
  await expect(rowOf(page, 'nlp/sentiment')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(rowOf(page, 'Folder keyboard')).toBeFocused();

  // A filter shows what is in folders; without one they close.
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await expect(filter(page)).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(filter(page)).not.toBeFocused();
  await page.keyboard.press('Home');
  await expect(rowOf(page, 'Folder keyboard')).toBeVisible();
  await rowOf(page, 'Folder keyboard').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(rowOf(page, 'keyboard/one')).toHaveCount(0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(page.getByRole('strong').getByText('1 selected')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('strong').getByText('1 selected')).toHaveCount(0);
  const focused = page.locator('[role=row]:focus');
  await expect(focused).toHaveAccessibleName(/^keyboard\/(one|two)/);
  const name = (await focused.getByRole('link').textContent()) ?? '';
  await page.keyboard.press('.');
  await expect(page.getByRole('menuitem', { name: 'Rename…' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await focused
    .or(rowOf(page, `keyboard/${name}`))
    .first()
    .focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: `keyboard/${name}`, level: 1 })).toBeVisible();

  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await expect(table(page)).toBeVisible();
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog', { name: 'New experiment' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('an empty server teaches how to log the first run', async ({ page }) => {
  const empty = await Server.start();
  try {
    await page.goto(empty.url);
    const main = page.getByRole('main');
    await expect(main.getByRole('heading', { name: 'No runs yet' })).toBeVisible();
    await expect(main.getByText(`mlflow.set_tracking_uri("${empty.url}")`)).toBeVisible();
    await main.getByRole('button', { name: 'Create an empty experiment' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('first');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'first', level: 1 })).toBeVisible();
  } finally {
    await empty.remove();
  }
});

test('a folder can be closed under a filter; another filter shows all that it finds', async ({
  page,
  api,
}) => {
  await api.experiment('shut/inner one');
  await api.experiment('shut/inner two');
  await page.goto('/?q=inner');
  await expect(page.getByRole('row', { name: 'inner one' })).toBeVisible();
  await page.getByRole('button', { name: 'Close folder shut', exact: true }).click();
  await expect(page.getByRole('row', { name: 'inner one' })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Open folder shut', exact: true })).toBeVisible();
  await filter(page).fill('inner o');
  await expect(page.getByRole('row', { name: 'inner one' })).toBeVisible();
});
