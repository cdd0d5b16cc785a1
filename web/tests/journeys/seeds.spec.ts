/** The screens that everybody who uses MLflow knows: each of them here, with what it is for. */

import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { card, plot, point } from '../support/charts';
import { expect, test } from '../support/test';

const PICTURES = join(import.meta.dirname, '../../../.test/web/seeds');

/** A picture for people; the test says what must be in it. */
async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}

/** A finished run that has a history, metrics of its machine, and files. */
const RESNET = 'resnet50-lr0.05-cutmix';

async function openRun(page: Page, experiment: string, name: string) {
  await page.goto(`/experiments/${experiment}`);
  await page.getByRole('grid', { name: 'Runs' }).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

test('the list of experiments', async ({ page }) => {
  await page.goto('/');
  const grid = page.getByRole('treegrid', { name: 'Experiments' });
  await expect(grid.getByRole('row').nth(3)).toBeVisible();
  await picture(page, 'experiments');
  const filter = page.getByRole('searchbox', { name: 'Filter experiments' });
  for (const name of ['yolo', 'sentiment', 'churn', 'energy', 'optuna-lr', 'resnet']) {
    await filter.fill(name);
    await expect(grid.getByRole('link', { name, exact: true })).toBeVisible();
  }
  await grid.getByRole('link', { name: 'resnet', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'vision/resnet' })).toBeVisible();
});

test('the list of runs, some chosen, compared by box and scatter plot', async ({ page, api }) => {
  const experiment = await api.experimentId('vision/resnet');
  await page.goto(`/experiments/${experiment}`);
  const runs = page.getByRole('grid', { name: 'Runs' });
  await expect(runs.getByRole('link', { name: RESNET, exact: true })).toBeVisible();
  for (const column of ['Started', 'Duration', 'User', 'Source'])
    await expect(runs.getByRole('columnheader', { name: new RegExp(column, 'i') }).first()).toBeVisible();
  const boxes = runs.getByRole('checkbox', { name: /^Select (?!all)/ });
  for (let i = 0; i < 8; i += 1) await boxes.nth(i).check();
  const bar = page.getByRole('group', { name: 'Selected runs' });
  await expect(bar).toContainText('8 selected');
  await picture(page, 'runs');

  await bar.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { name: 'Compare 8 runs' })).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Differences' })).toBeVisible();
  await picture(page, 'compare');
  const ways = page.getByRole('navigation', { name: 'Ways to compare' });
  for (const [name, told] of [
    ['Box', /median/],
    ['Scatter', /\d runs: /],
  ] as const) {
    await ways.getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('img', { name: told })).toBeVisible();
    await expect(page.locator('main canvas').first()).toBeVisible();
    await picture(page, name.toLowerCase());
  }
});

test('the graph of a metric over time', async ({ page, api }) => {
  const experiment = await api.experimentId('vision/resnet');
  await openRun(page, experiment, RESNET);
  await page.getByRole('table', { name: 'Metrics' }).getByRole('link', { name: 'grad_norm' }).click();
  await expect(page.getByRole('heading', { name: 'grad_norm' })).toBeVisible();
  await page.getByRole('button', { name: /^Axes/ }).click();
  await page.getByRole('dialog', { name: 'Axes' }).getByLabel('X axis').selectOption('time');
  await page.keyboard.press('Escape');
  await expect(plot(page.locator('main'))).toBeVisible();
  await expect(page.getByRole('button', { name: /^Axes/ })).toContainText('wall time');
  await point(page, page.locator('main'), 0.6);
  await expect(page.getByRole('tooltip', { name: 'Values' })).toContainText(RESNET);
  await picture(page, 'metric');
});

test('metrics of the machine beside those of the model', async ({ page, api }) => {
  const experiment = await api.experimentId('vision/resnet');
  await openRun(page, experiment, RESNET);
  await page.getByRole('navigation', { name: 'Run' }).getByRole('link', { name: 'Charts' }).click();
  await page.getByRole('searchbox', { name: 'Search metrics' }).fill('val/loss|gpu_0_util|cpu_util');
  await page.getByRole('button', { name: /^system\b/ }).click();
  const machine = card(page, 'system/gpu_0_utilization_percentage');
  await expect(plot(card(page, 'val/loss'))).toBeVisible();
  await expect(plot(machine)).toBeVisible();
  // The same axis: time since the run began.
  await page.getByRole('button', { name: /^Axes/ }).click();
  await page.getByRole('dialog', { name: 'Axes' }).getByLabel('X axis').selectOption('relative');
  await page.keyboard.press('Escape');
  await expect(plot(card(page, 'val/loss'))).toBeVisible();
  await point(page, card(page, 'val/loss'), 0.5);
  await expect(page.getByRole('tooltip', { name: 'Values' })).toContainText('after');
  await picture(page, 'system');
});

test('the files of a run', async ({ page, api }) => {
  const experiment = await api.experimentId('vision/resnet');
  await openRun(page, experiment, RESNET);
  await page.getByRole('navigation', { name: 'Run' }).getByRole('link', { name: 'Artifacts' }).click();
  const tree = page.getByRole('tree', { name: 'Artifacts' });
  await tree.getByRole('treeitem', { name: /plots/ }).click();
  await tree.getByRole('treeitem', { name: /confusion_matrix\.png/ }).click();
  const image = page.getByRole('region', { name: 'Image', exact: true }).getByRole('img');
  await expect.poll(() => image.evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
  await picture(page, 'artifacts');
});

test('commit, duration, and what the machine was', async ({ page, api }) => {
  const experiment = await api.experimentId('vision/resnet');
  await openRun(page, experiment, RESNET);
  const fact = (label: string) =>
    page
      .locator('dl > div')
      .filter({ has: page.getByText(label, { exact: true }) })
      .locator('dd');
  await expect(fact('Commit')).toContainText(/[0-9a-f]{8}on /);
  await expect(fact('Commit').getByRole('link')).toHaveAttribute('href', /^https:\/\/git\.example\.com\//);
  await expect(fact('Duration')).toContainText(/\d/);
  await expect(fact('Started').getByRole('time')).toHaveText(/\w/);
  await expect(fact('User')).toContainText(/\w/);
  await expect(fact('Source')).toContainText('train.py');
  const system = page.getByRole('region', { name: 'System', exact: true });
  await expect(system).toContainText('%');
  await picture(page, 'run');
  await system.scrollIntoViewIfNeeded();
  await picture(page, 'run-system');
});
