/** From run to run in the order of the list that one came from. */

import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';

const title = (page: Page) => page.getByRole('main').getByRole('heading', { level: 1 });
const grid = (page: Page) => page.getByRole('grid', { name: 'Runs' });

test('brackets lead through the runs of the table in its order, also after a reload', async ({
  page,
  api,
}) => {
  const experiment = await api.experiment('stepping');
  for (const [name, loss] of Object.entries({ middle: 0.2, best: 0.1, worst: 0.3 })) {
    await api.run(experiment, name, { metrics: [{ key: 'loss', value: loss, step: 0, timestamp: 1 }] });
  }
  await page.goto(`/experiments/${experiment}?sort=-metric.loss`);
  await grid(page).getByRole('link', { name: 'best' }).click();
  await expect(title(page)).toHaveText('best');
  await expect(page.getByRole('button', { name: 'Run before this in the list ([)' })).toBeDisabled();
  await page.keyboard.press(']');
  await expect(title(page)).toHaveText('middle');
  await page.reload();
  await expect(title(page)).toHaveText('middle');
  await page.getByRole('button', { name: 'Run after this in the list (])' }).click();
  await expect(title(page)).toHaveText('worst');
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/\/charts$/);
  // The reader stays in the part of the page that is compared.
  await page.keyboard.press('[');
  await expect(title(page)).toHaveText('middle');
  await expect(page).toHaveURL(/\/charts$/);
});

test('the children of a run and the runs of a comparison are lists too', async ({ page, api }) => {
  const experiment = await api.experiment('stepping below');
  const parent = await api.run(experiment, 'parent');
  const below = { tags: { 'mlflow.parentRunId': parent } };
  const first = await api.run(experiment, 'first', below);
  const second = await api.run(experiment, 'second', below);
  await page.goto(`/runs/${parent}/children`);
  // The latest stands first.
  await page.getByRole('region', { name: 'Children' }).getByRole('link', { name: 'second' }).click();
  await expect(title(page)).toHaveText('second');
  await page.keyboard.press(']');
  await expect(title(page)).toHaveText('first');

  await page.goto(`/compare?runs=${first},${parent},${second}`);
  await page.getByRole('list', { name: 'Compared runs' }).getByRole('link', { name: 'first' }).click();
  await expect(title(page)).toHaveText('first');
  await page.keyboard.press(']');
  await expect(title(page)).toHaveText('parent');
});
