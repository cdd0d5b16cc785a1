/** One metric over the full width, and its numbers. */

import type { Api } from '../support/api';
import { choose, csvRows, curve, drag, plot, saved } from '../support/charts';
import { expect, expectAccessible, test } from '../support/test';

async function twoRuns(api: Api, name: string) {
  const experiment = await api.experiment(name);
  const run = (title: string, scale: number) =>
    api.run(experiment, title, {
      metrics: [
        ...curve('val/loss', 40, (step) => scale * (1 + Math.abs(step - 20))),
        ...curve('val/acc', 40, (step) => step / 40),
      ],
    });
  const [a, b] = [await run('left', 1), await run('right', 2)];
  return { experiment, a, b, path: `/metric?runs=${a},${b}&key=val/loss` };
}

test('the chart, its statistics and all values', async ({ page, api }) => {
  const { path } = await twoRuns(api, 'metric/page');
  await page.goto(path);
  const main = page.locator('main');
  await expect(page.getByRole('heading', { name: 'val/loss', level: 1 })).toBeVisible();
  await expect(plot(main)).toBeVisible();
  const rows = page.getByRole('region', { name: 'Statistics', exact: true }).getByRole('row');
  await expect(rows).toHaveCount(3);
  // Last, least with its step, greatest with its step, points.
  await expect(rows.nth(2).getByRole('rowheader')).toContainText('right');
  await expect(rows.nth(2).getByRole('cell').nth(0)).toContainText('40');
  await expect(rows.nth(2).getByRole('cell').nth(1)).toContainText('2');
  await expect(rows.nth(2).getByRole('cell').nth(1)).toContainText('20');
  await expect(rows.nth(2).getByRole('cell').nth(2)).toContainText('42');
  await expect(rows.nth(2).getByRole('cell').nth(3)).toContainText('40');

  const values = page.getByRole('region', { name: 'All values' });
  await expect(values.getByRole('status')).toHaveText('40 values');
  await values.getByLabel('Run').selectOption({ label: 'right' });
  await expect(values.getByRole('table').getByRole('row').nth(1)).toContainText('42');
  const { name, bytes } = await saved(page, () =>
    values.getByRole('button', { name: 'All runs as CSV' }).click(),
  );
  expect(name).toBe('val_loss.csv');
  expect(csvRows(bytes.toString())).toHaveLength(80);
  await expectAccessible(page);
});

test('another metric, and one more in the same chart', async ({ page, api }) => {
  const { path } = await twoRuns(api, 'metric/keys');
  await page.goto(path);
  await expect(plot(page.locator('main'))).toBeVisible();
  await page.getByRole('combobox', { name: 'Add a metric' }).fill('val/acc');
  await expect(page.getByRole('heading', { name: 'val/loss, val/acc' })).toBeVisible();
  await expect(page.getByRole('group', { name: /^val\/loss, val\/acc: 4 lines/ })).toBeVisible();
  expect(new URL(page.url()).searchParams.get('also')).toBe('val/acc');
  await page.getByRole('button', { name: 'Without val/acc' }).click();
  await expect(page.getByRole('group', { name: /^val\/loss: 2 lines/ })).toBeVisible();

  await page.getByRole('combobox', { name: 'Metric', exact: true }).fill('val/acc');
  await expect(page.getByRole('heading', { name: 'val/acc', exact: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'val/loss', level: 1 })).toBeVisible();
});

test('zoom and hidden runs are in the address', async ({ page, api }) => {
  const { path } = await twoRuns(api, 'metric/zoom');
  await page.goto(path);
  const main = page.locator('main');
  await expect(plot(main)).toBeVisible();
  await drag(page, main, 0.25, 0.75);
  await expect(page).toHaveURL(/zoom=/);
  await page.getByRole('button', { name: 'Hide left' }).click();
  await expect(page.getByRole('group', { name: /1 line,/ })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('group', { name: /1 line,/ })).toBeVisible();
  await expect(page).toHaveURL(/zoom=/);
  const { bytes } = await saved(page, () =>
    choose(page, page.getByRole('button', { name: 'More about this chart' }), 'Drawn data as CSV'),
  );
  expect(new Set(csvRows(bytes.toString()).map(([name]) => name))).toEqual(new Set(['right']));
  await plot(main).dblclick();
  await expect(page).not.toHaveURL(/zoom=/);
});

test('values that no line shows are counted', async ({ page, api }) => {
  const experiment = await api.experiment('metric/nan');
  const run = await api.run(experiment, 'diverged', {
    metrics: [
      ...curve('loss', 20, (step) => step),
      { key: 'loss', value: 'NaN', step: 20, timestamp: Date.now() },
      { key: 'loss', value: 'Infinity', step: 21, timestamp: Date.now() },
    ],
  });
  await page.goto(`/metric?runs=${run}&key=loss`);
  await expect(page.getByText('1 NaN · 1 ±∞')).toBeVisible();
  const cells = page.getByRole('region', { name: 'Statistics', exact: true }).getByRole('row').nth(1);
  await expect(cells.getByRole('cell').nth(4)).toHaveText('1');
  await expect(cells.getByRole('cell').nth(5)).toHaveText('1');
});

test('nothing named, and nothing there', async ({ page, watched }) => {
  watched.mayFail.push(/./);
  await page.goto('/metric');
  await expect(page.getByText('No metric is named')).toBeVisible();
  await page.goto(`/metric?runs=${'0'.repeat(32)}&key=loss`);
  await expect(page.getByText('None of these runs exists')).toBeVisible();
});
