/** A run that trains while somebody watches. */

import type { Page } from '@playwright/test';
import type { Api } from '../support/api';
import { card, curve, drag, point } from '../support/charts';
import { expect, test } from '../support/test';

const value = (step: number) => 100 - step;

async function training(api: Api, name: string) {
  const experiment = await api.experiment(name);
  const run = await api.run(experiment, 'in-training', {
    status: 'RUNNING',
    metrics: curve('loss', 50, value),
  });
  return { experiment, run };
}

/** The next points of the run. */
async function train(api: Api, run: string, to: number): Promise<void> {
  await api.log(run, curve('loss', to, value).slice(50));
}

/** The feed is there before something happens: else a test would see what the page read first. */
async function live(page: Page): Promise<void> {
  await expect(page.getByText('Live', { exact: true }).first()).toBeVisible();
}

test('the charts grow, and nobody is disturbed in reading them', async ({ page, api }) => {
  const { experiment, run } = await training(api, 'live/charts');
  await page.goto(`/experiments/${experiment}/charts`);
  const loss = card(page, 'loss');
  const chart = loss.getByRole('group');
  await expect(chart).toHaveAccessibleName(/last value 51\b/);
  await live(page);
  await train(api, run, 60);
  await expect(chart).toHaveAccessibleName(/last value 41\b/, { timeout: 10_000 });

  // With a part of the axis chosen, and the pointer on a point.
  await drag(page, loss, 0.2, 0.6);
  await expect(page).toHaveURL(/zoom=/);
  const zoomed = page.url();
  await point(page, loss, 0.5);
  const tooltip = page.getByRole('tooltip', { name: 'Values' });
  await expect(tooltip).toContainText('in-training');
  const before = await tooltip.textContent();
  const asked = page.waitForResponse((answer) => answer.url().includes('/series') && answer.ok());
  await train(api, run, 80);
  await asked;
  // The drawing has taken it up by the frame after the next.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
  );
  expect(await tooltip.textContent()).toBe(before);
  expect(page.url()).toBe(zoomed);
  await expect(tooltip).toBeVisible();

  await page.mouse.move(2, 2);
  await page.getByRole('button', { name: 'Show all of x' }).click();
  await expect(chart).toHaveAccessibleName(/last value 21\b/, { timeout: 10_000 });
});

test('the head of the run goes from running to finished', async ({ page, api }) => {
  const { run } = await training(api, 'live/run');
  await page.goto(`/runs/${run}`);
  const head = page.locator('header').filter({ has: page.getByRole('heading', { name: 'in-training' }) });
  await expect(head.getByText('Running')).toBeVisible();
  const row = page.getByRole('table', { name: 'Metrics' }).getByRole('row').filter({ hasText: 'loss' });
  await expect(row).toContainText('51');
  await train(api, run, 60);
  await expect(row).toContainText('41', { timeout: 10_000 });
  await api.finish(run);
  await expect(head.getByText('Finished')).toBeVisible({ timeout: 10_000 });
  await expect(head.getByText('Running')).toHaveCount(0);
});

test('the row of the table follows, and says when the run failed', async ({ page, api }) => {
  const { experiment, run } = await training(api, 'live/table');
  await page.goto(`/experiments/${experiment}`);
  const row = page.getByRole('grid').getByRole('row').filter({ hasText: 'in-training' });
  await expect(row).toContainText('Running');
  await expect(row).toContainText('51');
  await expect(page.getByRole('button', { name: /^Live\b/ })).toBeVisible();
  await train(api, run, 60);
  await expect(row).toContainText('41', { timeout: 10_000 });
  await api.finish(run, 'FAILED');
  await expect(row).toContainText('Failed', { timeout: 10_000 });

  // A new run waits until it is asked for: rows do not jump under the pointer.
  await api.run(experiment, 'newcomer');
  const pill = page.getByRole('button', { name: '1 new run' });
  await expect(pill).toBeVisible({ timeout: 10_000 });
  await pill.click();
  await expect(page.getByRole('grid').getByRole('link', { name: 'newcomer' })).toBeVisible();
});

test('paused, nothing moves while another page follows; then it goes on', async ({ page, context, api }) => {
  const { experiment, run } = await training(api, 'live/pause');
  const chartOf = (shown: Page) => card(shown, 'loss').getByRole('group');
  const other = await context.newPage();
  for (const shown of [page, other]) {
    await shown.goto(`/experiments/${experiment}/charts`);
    await expect(chartOf(shown)).toHaveAccessibleName(/last value 51\b/);
    await live(shown);
  }
  await page.getByRole('button', { name: /^Live\b/ }).click();
  await expect(page.getByRole('button', { name: /^Paused\b/ })).toBeVisible();
  await train(api, run, 60);
  await expect(chartOf(other)).toHaveAccessibleName(/last value 41\b/, { timeout: 10_000 });
  expect(await chartOf(page).getAttribute('aria-label')).toMatch(/last value 51\b/);

  // The pause is the page's: another tab shows it, and may end it.
  await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
  await page.getByRole('button', { name: /^Paused\b/ }).click();
  await expect(page.getByRole('button', { name: /^Live\b/ })).toBeVisible();
  await expect(page.getByRole('grid').getByRole('row').filter({ hasText: 'in-training' })).toContainText(
    '41',
    {
      timeout: 10_000,
    },
  );
});

test('what another page deletes and adds reaches the table', async ({ page, api }) => {
  const experiment = await api.experiment('live/one more, one less');
  const victim = await api.run(experiment, 'victim');
  await api.run(experiment, 'stays');
  await page.goto(`/experiments/${experiment}`);
  await expect(page.getByRole('grid').getByRole('link', { name: 'victim' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Live\b/ })).toBeVisible();
  await api.call('POST', 'runs/delete', { run_id: victim });
  await api.run(experiment, 'newcomer');
  const pill = page.getByRole('button', { name: '1 new run, 1 fewer' });
  await expect(pill).toBeVisible({ timeout: 10_000 });
  await pill.click();
  await expect(page.getByRole('grid').getByRole('link', { name: 'newcomer' })).toBeVisible();
  await expect(page.getByRole('grid').getByRole('link', { name: 'victim' })).toHaveCount(0);
});
