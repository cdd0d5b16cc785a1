/** Charts of many points, many lines, and many charts; comparing many runs. */

import { type Page, test } from '@playwright/test';
import { Api, type Point } from '../support/api';
import { Server } from '../support/server';
import { framesDuring, percentile, responseMs } from './interaction';
import { Budgets, median, middle } from './table';

/** A curve with noise that is the same in each run of this script. */
function curve(key: string, points: number, seed: number): Point[] {
  return Array.from({ length: points }, (_, step) => ({
    key,
    value: Math.exp(-step / points) + 0.1 * Math.sin(step * 0.7 + seed) + 0.05 * Math.sin(step * seed),
    step,
    timestamp: 1_700_000_000_000 + step * 1000,
  }));
}

/** As many charts have been painted: a canvas of a chart has its place once it is. */
const arePainted = (count: number) =>
  [...document.querySelectorAll<HTMLCanvasElement>('.plot-lines')].filter((one) => one.style.width !== '')
    .length >= count;

async function moveOver(page: Page, selector: string, moves: number) {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`nothing to point at: ${selector}`);
  for (let i = 0; i < moves; i += 1)
    await page.mouse.move(box.x + (box.width * (i + 1)) / (moves + 2), box.y + box.height * 0.5);
}

test('a grid of charts', async ({ browser }) => {
  const budgets = new Budgets();
  const server = await Server.start();
  try {
    const api = new Api(server.url);
    const experiment = await api.experiment('scale/grid');
    for (let run = 0; run < 20; run += 1) {
      const metrics = Array.from({ length: 24 }, (_, i) => curve(`metric_${i}`, 500, run + i)).flat();
      await api.run(experiment, `run ${run}`, { metrics });
    }
    // All 24 are in sight.
    const context = await browser.newContext({ viewport: { width: 1920, height: 1500 } });
    const page = await context.newPage();
    const url = `${server.url}/experiments/${experiment}/charts?height=s`;
    const times: number[] = [];
    for (let visit = 0; visit < 3; visit += 1) {
      // From the table, so that it is the charts that are measured and not the first visit.
      await page.goto(`${server.url}/experiments/${experiment}?height=s`);
      await page.locator('[role="grid"] a').first().waitFor();
      const tab = page.getByRole('link', { name: 'Charts', exact: true });
      times.push(await responseMs(page, () => tab.click(), arePainted, 24));
    }
    budgets.judge('24 charts × 20 runs × 500 points: all painted', median(times), 1000, 'ms');
    await page.goto(url);
    await page.waitForFunction(arePainted, 24);
    await moveOver(page, '.u-over', 3);
    const frames = await framesDuring(page, async () => {
      await page.locator('[aria-roledescription="line chart"]').first().focus();
      for (let i = 0; i < 4; i += 1) await page.keyboard.press('+');
      for (let i = 0; i < 30; i += 1)
        await page.keyboard.press(i % 10 < 5 ? 'Shift+ArrowRight' : 'Shift+ArrowLeft');
    });
    const mean = frames.reduce((sum, one) => sum + one, 0) / Math.max(1, frames.length);
    budgets.judge('24 charts: zoom and pan', 1000 / mean, 50, 'fps', true);
    await context.close();
  } finally {
    await server.remove();
    budgets.finish('A grid of charts');
  }
});

test('a hundred lines, a hundred runs', async ({ browser }) => {
  const budgets = new Budgets();
  const server = await Server.start();
  try {
    const api = new Api(server.url);
    const experiment = await api.experiment('scale/lines');
    const ids: string[] = [];
    for (let run = 0; run < 100; run += 1) {
      const params = Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`param_${i}`, String(run * i)]),
      );
      const more = Array.from({ length: 20 }, (_, i) => ({
        key: `last_${i}`,
        value: run * i,
        step: 0,
        timestamp: 1,
      }));
      const id = await api.run(experiment, `run ${run}`, { params, metrics: more });
      await api.log(id, curve('loss', 1000, run));
      ids.push(id);
    }
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${server.url}/metric?runs=${ids.join()}&key=loss`);
    await page.waitForFunction(arePainted, 1);
    // A press of a key zooms: the answer to it is a painting of all lines.
    await page.locator('[aria-roledescription="line chart"]').first().focus();
    const paints: number[] = [];
    for (const key of ['+', '-', '+', '-', '+']) {
      // The longest frame has the painting in it, and all else that a zoom does.
      const frames = await framesDuring(page, async () => {
        await page.keyboard.press(key);
        await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 200)));
      });
      paints.push(frames[frames.length - 1] ?? 0);
    }
    budgets.judge('100 series × 1,000 points: paint', median(paints), 100, 'ms');
    await moveOver(page, '.u-over', 5);
    // What a move costs, not how often the screen is drawn.
    const hovers = await page.evaluate(() => {
      const over = document.querySelector('.u-over');
      if (!over) return [];
      const box = over.getBoundingClientRect();
      return Array.from({ length: 40 }, (_, i) => {
        const at = { clientX: box.x + (box.width * (i + 1)) / 42, clientY: box.y + box.height / 2 };
        const start = performance.now();
        over.dispatchEvent(new MouseEvent('mousemove', { ...at, bubbles: true }));
        return performance.now() - start;
      });
    });
    budgets.judge(
      '100 series: hover',
      percentile(
        [...hovers].sort((a, b) => a - b),
        0.95,
      ),
      16,
      'ms',
    );
    await page.close();
    const compare = await middle(browser, `${server.url}/compare?runs=${ids.join()}`, '[role="grid"] a');
    budgets.judge('compare 100 runs: content', compare.contentMs, 1000, 'ms');
  } finally {
    await server.remove();
    budgets.finish('A hundred lines, a hundred runs');
  }
});

test('a million points', async ({ browser }) => {
  const budgets = new Budgets();
  const server = await Server.start();
  try {
    await server.demo('--points', '1000000');
    const api = new Api(server.url);
    const experiment = await api.experimentId('scale/1000000-points');
    const found = await api.call<{
      runs: { info: { run_id: string }; data: { metrics: { key: string }[] } }[];
    }>('POST', 'runs/search', { experiment_ids: [experiment], max_results: 1 });
    const run = found.runs[0];
    const key = run?.data.metrics[0]?.key ?? '';
    const ask = async () => {
      const start = performance.now();
      const answer = await fetch(`${server.url}/api/oxflow/v1/series`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/vnd.oxflow.series' },
        body: JSON.stringify({ runs: [run?.info.run_id], keys: [key], width: 1536 }),
      });
      await answer.arrayBuffer();
      return performance.now() - start;
    };
    budgets.judge('1,000,000 points: the first answer ever', await ask(), 2000, 'ms');
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const times: number[] = [];
    for (let visit = 0; visit < 3; visit += 1) {
      await page.goto(`${server.url}/runs/${run?.info.run_id}`);
      const link = page.locator(`main a[href*="/metric?"]`).first();
      await link.waitFor();
      times.push(await responseMs(page, () => link.click(), arePainted, 1));
      // The files of the page are there from the second visit on.
    }
    budgets.judge('1,000,000 points: chart, from the page of the run', median(times), 200, 'ms');
    await page.close();
  } finally {
    await server.remove();
    budgets.finish('A million points');
  }
});
