/** Ten spikes in 200,000 points: none is lost to fewer pixels than points. */

import type { Page } from '@playwright/test';
import type { Api } from '../support/api';
import { choose, csvRows, markedColumns, plot, saved } from '../support/charts';
import { expect, test } from '../support/test';

const POINTS = 200_000;
const BATCH = 1000;
/** Close together, so that each of the ranges below has all of them. */
const SPIKES = [94_017, 95_202, 96_999, 98_001, 99_000, 100_123, 101_337, 102_500, 104_444, 105_983];
const HEIGHT = 50;

async function logged(api: Api): Promise<string> {
  const run = await api.run(await api.experiment('spikes'), 'spiky');
  const spikes = new Map(SPIKES.map((step, i) => [step, HEIGHT + i]));
  let next = 0;
  const worker = async () => {
    while (next < POINTS) {
      const from = next;
      next += BATCH;
      const metrics = Array.from({ length: BATCH }, (_, i) => ({
        key: 'noise',
        value: spikes.get(from + i) ?? Math.sin((from + i) / 7) / 2,
        step: from + i,
        timestamp: 1_700_000_000_000 + (from + i) * 10,
      }));
      await api.log(run, metrics);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return run;
}

/** The greatest values that the chart has drawn, as it says itself. */
async function drawnSpikes(page: Page): Promise<number[]> {
  const more = page.getByRole('button', { name: 'More about this chart' });
  const { bytes } = await saved(page, () => choose(page, more, 'Drawn data as CSV'));
  const values = csvRows(bytes.toString()).map(([, , , value, , max]) =>
    Math.max(Number(value), Number(max)),
  );
  return [...new Set(values)].filter((value) => value >= HEIGHT).sort((a, b) => a - b);
}

/** How many separate marks the canvas has in its middle, where only spikes reach. */
async function seenSpikes(page: Page): Promise<number> {
  const columns = await markedColumns(page.locator('main'), 0.4, 0.6);
  return columns.filter((column, i) => column - (columns[i - 1] ?? -2) > 1).length;
}

test('each is drawn at full range and zoomed in', async ({ page, api }) => {
  test.setTimeout(60_000);
  const run = await logged(api);
  const heights = SPIKES.map((_, i) => HEIGHT + i);
  for (const zoom of [null, '60000..140000', '93000..107000']) {
    await page.goto(`/metric?runs=${run}&key=noise${zoom ? `&zoom=${zoom}` : ''}`);
    await expect(plot(page.locator('main'))).toBeVisible();
    await expect(page.locator('[data-refining="true"]')).toHaveCount(0);
    expect(await drawnSpikes(page), `values at ${zoom ?? 'full range'}`).toEqual(heights);
    await expect.poll(() => seenSpikes(page), { message: `pixels at ${zoom ?? 'full range'}` }).toBe(10);
  }

  // Near enough, every point is drawn at its step.
  await page.goto(`/metric?runs=${run}&key=noise&zoom=100100..100150`);
  await expect(plot(page.locator('main'))).toBeVisible();
  await expect(page.locator('[data-refining="true"]')).toHaveCount(0);
  await expect
    .poll(async () => {
      const more = page.getByRole('button', { name: 'More about this chart' });
      const { bytes } = await saved(page, () => choose(page, more, 'Drawn data as CSV'));
      return csvRows(bytes.toString()).find(([, , step]) => step === '100123')?.[3];
    })
    .toBe('55');

  const statistics = page.getByRole('region', { name: 'Statistics', exact: true }).getByRole('row').nth(1);
  await expect(statistics).toContainText('59');
  await expect(statistics).toContainText('200,000');
});
