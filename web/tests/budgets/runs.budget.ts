/** Large tables of runs, and many names of metrics. */

import { type Page, test } from '@playwright/test';
import { Api, type Point } from '../support/api';
import { Server } from '../support/server';
import { percentile, responseMs, scrollFrames } from './interaction';
import { Budgets, median, middle } from './table';

const firstName = (page: Page) => page.locator('[role="grid"] a').first().textContent();

/** Another first row, or a table that is not busy any more with another total. */
const hasOther = (before: string | null) => {
  const grid = document.querySelector('[role="grid"]');
  return grid?.getAttribute('aria-busy') === null && grid.querySelector('a')?.textContent !== before;
};

/** Another number of matches. */
const hasOtherCount = (before: string | null) => {
  const grid = document.querySelector('[role="grid"]');
  return grid?.getAttribute('aria-busy') === null && grid.getAttribute('aria-rowcount') !== before;
};

for (const size of [10_000, 100_000]) {
  test(`${size} runs`, async ({ browser }) => {
    // 100,000 runs with 60 metrics and 40 params take some minutes to log.
    test.skip(
      size > 10_000 && !process.env.OXFLOW_BUDGETS_LARGE,
      'OXFLOW_BUDGETS_LARGE=1 measures 100,000 runs too',
    );
    const budgets = new Budgets();
    const name = size.toLocaleString('en-US');
    const server = await Server.start();
    try {
      await server.demo('--runs', String(size));
      const experiment = await new Api(server.url).experimentId(`scale/${size}-runs`);
      const url = `${server.url}/experiments/${experiment}`;
      const first = await middle(browser, url, '[role="grid"] a');
      budgets.judge(`${name} runs: first rows`, first.contentMs, 500, 'ms');
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(url);
      const headings = page.locator('[role="columnheader"][data-column^="metric."]');
      await headings.first().waitFor();
      const sorts: number[] = [];
      for (const at of [0, 1, 2, 1]) {
        const before = await firstName(page);
        const heading = headings.nth(at).getByRole('button').first();
        sorts.push(await responseMs(page, () => heading.click(), hasOther, before));
      }
      budgets.judge(`${name} runs: sorted by a metric`, median(sorts), 500, 'ms');
      const filter = page.getByRole('combobox', { name: 'Filter runs' });
      const column = (await headings.first().getAttribute('data-column'))?.slice('metric.'.length);
      const filters: number[] = [];
      for (const condition of ['> 0.5', '< 0.5', '> 0.2']) {
        await filter.fill(`metrics.\`${column}\` ${condition}`);
        const before = await page.locator('[role="grid"]').getAttribute('aria-rowcount');
        filters.push(await responseMs(page, () => filter.press('Enter'), hasOtherCount, before));
      }
      budgets.judge(`${name} runs: filtered by a metric`, median(filters), 500, 'ms');
      await page.goto(url);
      await page.locator('[role="grid"] a').first().waitFor();
      const frames = await scrollFrames(page, '[role="grid"]');
      budgets.judge(`${name} runs: scroll, p95 frame`, percentile(frames, 0.95), 20, 'ms');
      const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
      budgets.judge(`${name} runs: nodes`, nodes, 3000, '');
      const heap = await page.evaluate(
        () => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0,
      );
      budgets.judge(`${name} runs: heap`, heap / 1_000_000, 150, 'MB');
      await page.close();
    } finally {
      await server.remove();
      budgets.finish(`${name} runs`);
    }
  });
}

test('5,000 names of metrics', async ({ browser }) => {
  const budgets = new Budgets();
  const server = await Server.start();
  try {
    const api = new Api(server.url);
    const experiment = await api.experiment('scale/names');
    const metrics = Array.from({ length: 5_000 }, (_, i): Point => ({
      key: `group_${i % 50}/metric_${i}`,
      value: i,
      step: 0,
      timestamp: 1,
    }));
    await api.run(experiment, 'many', { metrics });
    await api.run(experiment, 'few', { metrics: metrics.slice(0, 50) });
    const cols = metrics.slice(0, 50).map(({ key }) => `metric.${key}`);
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${server.url}/experiments/${experiment}?cols=${cols.map(encodeURIComponent).join()}`);
    await page.locator('[role="grid"] a').first().waitFor();
    const button = page.getByRole('button', { name: 'Columns', exact: true });
    const times: number[] = [];
    for (let visit = 0; visit < 3; visit += 1) {
      times.push(
        await responseMs(
          page,
          () => button.click(),
          () => document.querySelector('[role="dialog"] input[type="checkbox"]') !== null,
          null,
        ),
      );
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Columns' }).waitFor({ state: 'hidden' });
    }
    budgets.judge('50 columns of 5,000 names: chooser opens', median(times), 200, 'ms');
    await page.close();
  } finally {
    await server.remove();
    budgets.finish('Names');
  }
});
