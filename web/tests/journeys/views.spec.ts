/** States under a name, and states too long for an address. */

import { deflateSync } from 'node:zlib';
import { card } from '../support/charts';
import { expect, test } from '../support/test';
import type { Api } from '../support/api';

async function some(api: Api, name: string) {
  const id = await api.experiment(name);
  const metrics = (loss: number) =>
    [0, 1].map((step) => ({ key: 'loss', value: loss - step / 10, step, timestamp: step }));
  const runs = [
    await api.run(id, 'one', { metrics: metrics(1), params: { optimizer: 'adam' } }),
    await api.run(id, 'two', { metrics: metrics(2), params: { optimizer: 'sgd' } }),
  ];
  return { id, runs };
}

test('a view holds the charts too, and opens where it was saved', async ({ page, api }) => {
  const { id } = await some(api, 'views/charts');
  await page.goto(
    `/experiments/${id}/charts?smooth=ema:0.5&across=2&added=${encodeURIComponent('bar;x=metric.loss')}`,
  );
  await expect(card(page, 'loss')).toBeVisible();
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Save this view…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save this view' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('smooth');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'smooth', exact: true })).toBeVisible();

  await page.goto(`/experiments/${id}`);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'smooth' }).click();
  await expect(page).toHaveURL(/\/charts\?/);
  const query = new URL(page.url()).searchParams;
  expect([query.get('smooth'), query.get('across'), query.get('added')]).toEqual([
    'ema:0.5',
    '2',
    'bar;x=metric.loss',
  ]);
});

test('a long comparison has a short address, which others can open', async ({ page, api }) => {
  const { id, runs } = await some(api, 'views/long');
  for (let i = 0; i < 50; i += 1) runs.push(await api.run(id, `more ${i}`));
  await page.goto(`/compare?runs=${runs.join(',')}&tab=notes`);
  await expect(page).toHaveURL(/\/compare\?v=[0-9a-f]{12}$/);
  await page.reload();
  await expect(page.getByText('52 runs')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Notes' })).toHaveAttribute('aria-current', 'page');
  // What the reader changes is stored anew, and Back leads to what was.
  const before = page.url();
  await page.getByRole('link', { name: 'Differences' }).click();
  await expect(page).toHaveURL(/\/compare\?v=[0-9a-f]{12}$/);
  await expect(page).not.toHaveURL(before);
  await page.goBack();
  await expect(page).toHaveURL(before);
  await expect(page.getByRole('link', { name: 'Notes' })).toHaveAttribute('aria-current', 'page');
});

test('a view that MLflow shared shows its filter, order and columns', async ({ page, api }) => {
  const { id } = await some(api, 'views/legacy');
  const view = {
    searchFilter: "params.optimizer = 'sgd'",
    orderByKey: 'metrics.`loss`',
    orderByAsc: true,
    selectedColumns: ['metrics.`loss`', 'params.`optimizer`'],
  };
  await api.call('POST', 'experiments/set-experiment-tag', {
    experiment_id: id,
    key: 'mlflow.sharedViewState.abc',
    value: `deflate;${deflateSync(JSON.stringify(view)).toString('base64')}`,
  });
  await page.goto(`/#/experiments/${id}?viewStateShareKey=abc`);
  const grid = page.getByRole('grid', { name: 'Runs' });
  await expect(grid.getByRole('link', { name: 'two' })).toBeVisible();
  await expect(grid.getByRole('link', { name: 'one' })).toHaveCount(0);
  await expect(grid.getByRole('columnheader')).toHaveCount(4);
  await expect(page).not.toHaveURL(/viewStateShareKey/);
});
