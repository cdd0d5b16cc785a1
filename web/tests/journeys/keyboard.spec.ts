/** From the list of experiments to a file of a run without a pointer. */

import { expect, test } from '../support/test';

test('an experiment, a filter, two runs compared, an artifact: by keyboard', async ({ page, api }) => {
  const experiment = await api.experiment('keys only');
  for (const [name, optimizer] of Object.entries({ alpha: 'adam', beta: 'sgd', gamma: 'adam' })) {
    const run = await api.run(experiment, name, { params: { optimizer } });
    await api.upload(experiment, run, 'notes/hello.txt', `greetings of ${name}`);
  }
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const grid = page.getByRole('grid', { name: 'Runs' });

  await page.goto('/');
  await expect(page.getByRole('row', { name: 'keys only', exact: true })).toBeVisible();
  await press('/');
  await page.keyboard.type('keys only');
  await expect(page.getByRole('treegrid').getByRole('row')).toHaveCount(2);
  await press('Enter');
  await expect(page.getByRole('row', { name: 'keys only', exact: true })).toBeFocused();
  await press('Enter');
  await expect(page.getByRole('heading', { name: 'keys only', level: 1 })).toBeVisible();
  await expect(grid.getByRole('link', { name: 'beta' })).toBeVisible();

  await press('/');
  await expect(page.getByRole('combobox', { name: 'Filter runs' })).toBeFocused();
  await page.keyboard.type("params.optimizer = 'adam'");
  await press('Enter');
  await expect(grid.getByRole('link', { name: 'beta' })).toHaveCount(0);
  await expect(grid.getByRole('link', { name: 'alpha' })).toBeVisible();

  await press('Escape', 'Escape', 'j');
  await expect(grid).toBeFocused();
  await press('x', 'j', 'x');
  await expect(page.getByRole('strong').getByText('2 selected')).toBeVisible();
  await press('c');
  await expect(page).toHaveURL(/\/compare\?/);
  const alpha = page.getByRole('main').getByRole('link', { name: 'alpha' }).first();
  await expect(alpha).toBeVisible();

  // The tab key gets to the run, and Enter opens it.
  for (let presses = 0; presses < 60; presses += 1) {
    if (await alpha.evaluate((element) => element === document.activeElement)) break;
    await press('Tab');
  }
  await expect(alpha).toBeFocused();
  await press('Enter');
  await expect(page.getByRole('heading', { name: 'alpha', level: 1 })).toBeVisible();
  await press('3');
  const tree = page.getByRole('tree', { name: 'Artifacts' });
  await expect(tree.getByRole('treeitem', { name: 'notes' })).toBeVisible();
  for (let presses = 0; presses < 60; presses += 1) {
    if (await tree.evaluate((element) => element === document.activeElement)) break;
    await press('Tab');
  }
  await expect(tree).toBeFocused();
  await press('Home', 'ArrowRight');
  await expect(tree.getByRole('treeitem', { name: /hello\.txt/ })).toBeVisible();
  await press('ArrowDown', 'Enter');
  await expect(page.getByText('greetings of alpha')).toBeVisible();
});

test('every page tells its keys, and the palette finds a run', async ({ page, api }) => {
  const experiment = await api.experiment('palette');
  await api.run(experiment, 'needle-in-the-palette');
  await page.goto('/');
  await expect(page.getByRole('treegrid')).toBeVisible();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: /shortcuts/i });
  await expect(help.getByText('New experiment')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(help).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
  await page.keyboard.type('needle-in');
  await expect(page.getByRole('option', { name: /needle-in-the-palette/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'needle-in-the-palette', level: 1 })).toBeVisible();
});
