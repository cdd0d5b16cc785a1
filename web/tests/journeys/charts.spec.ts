/** The board of charts: what it shows, what the URL keeps, and what leaves it as a file. */

import type { Api } from '../support/api';
import { card, choose, csvRows, curve, drag, plot, point, saved } from '../support/charts';
import { expect, expectAccessible, test } from '../support/test';

/** Two seeds of two recipes; `loss` falls, `score` has one point. */
async function someRuns(api: Api, name: string) {
  const experiment = await api.experiment(name);
  const ids: Record<string, string> = {};
  for (const [i, run] of ['one', 'two', 'three', 'four'].entries()) {
    ids[run] = await api.run(experiment, run, {
      params: { recipe: i < 2 ? 'plain' : 'mixed' },
      metrics: [
        ...curve('loss', 101, (step) => (i + 1) / (step + 1)),
        ...curve('train/acc', 101, (step) => 1 - (i + 1) / (step + 2)),
        ...curve('score', 1, () => 0.1 + i / 10),
      ],
    });
  }
  return { experiment, ids };
}

test('sections of metrics; those of the machine wait closed', async ({ page, api }) => {
  const experiment = await api.experimentId('vision/resnet');
  await page.goto(`/experiments/${experiment}/charts`);
  const train = page.getByRole('button', { name: /^train\b/ });
  await expect(train).toHaveAttribute('aria-expanded', 'true');
  await expect(plot(card(page, 'grad_norm'))).toBeVisible();

  await page.getByRole('searchbox', { name: 'Search metrics' }).fill('^system/');
  const system = page.getByRole('button', { name: /^system\b/ });
  await expect(system).toHaveAttribute('aria-expanded', 'false');
  await expect(page.locator('.u-over')).toHaveCount(0);
  await system.click();
  await expect(plot(card(page, 'system/cpu_utilization_percentage'))).toBeVisible();
  await page.reload();
  await expect(system).toHaveAttribute('aria-expanded', 'true');
});

test('a regular expression finds metrics, and a broken one says so', async ({ page, api }) => {
  const experiment = await api.experimentId('vision/resnet');
  await page.goto(`/experiments/${experiment}/charts`);
  const search = page.getByRole('searchbox', { name: 'Search metrics' });
  await search.fill('^(train|val)/loss$');
  await expect(card(page, 'val/loss')).toBeVisible();
  await expect(card(page, 'grad_norm')).toHaveCount(0);
  await expect(card(page, 'train/accuracy')).toHaveCount(0);
  await expect(page).toHaveURL(/[?&]m=/);
  await page.reload();
  await expect(search).toHaveValue('^(train|val)/loss$');
  await expect(card(page, 'train/loss')).toBeVisible();
  await expect(card(page, 'grad_norm')).toHaveCount(0);

  await search.fill('no-such-metric');
  await expect(page.getByText('No metric has such a name')).toBeVisible();
  await search.fill('[');
  await expect(search).toHaveAttribute('aria-invalid', 'true');
});

test('smoothing and axes are in the URL, and as they were after a reload', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/axes');
  await page.goto(`/experiments/${experiment}/charts`);
  const toolbar = page.getByRole('toolbar', { name: 'Charts' });
  await toolbar.getByRole('button', { name: /^Smoothing/ }).click();
  await page.getByRole('dialog', { name: 'Smoothing' }).getByLabel('Smoothing').selectOption('ema');
  await page.getByRole('slider', { name: 'Kept of the past' }).fill('0.9');
  await page.keyboard.press('Escape');
  await toolbar.getByRole('button', { name: /^Axes/ }).click();
  const axes = page.getByRole('dialog', { name: 'Axes' });
  await axes.getByLabel('X axis').selectOption('relative');
  await axes.getByRole('checkbox', { name: 'Logarithmic y' }).check();
  await axes.getByLabel('Range of y').selectOption('outliers');
  await page.keyboard.press('Escape');

  const isAsChosen = async () => {
    await expect(toolbar.getByRole('button', { name: /^Smoothing/ })).toContainText('0.9');
    const axesButton = toolbar.getByRole('button', { name: /^Axes/ });
    await expect(axesButton).toContainText('relative time');
    await expect(axesButton).toContainText('log y');
    await expect(axesButton).toContainText('no outliers');
  };
  await isAsChosen();
  const query = new URL(page.url()).searchParams;
  expect(Object.fromEntries(query)).toMatchObject({ smooth: 'ema:0.9', x: 'relative', ylog: '1' });
  await page.reload();
  await isAsChosen();

  // What is drawn is smooth, and keeps what was logged beside it.
  await expect(plot(card(page, 'loss'))).toBeVisible();
  const { bytes } = await saved(page, () =>
    choose(page, card(page, 'loss').getByRole('button', { name: 'More about loss' }), 'Drawn data as CSV'),
  );
  const second = csvRows(bytes.toString()).filter(([name]) => name === 'one')[1];
  expect(Number(second?.[6])).toBeCloseTo(0.5);
  expect(Number(second?.[3])).toBeGreaterThan(0.6);
});

test('a drag zooms all charts and stays; a double click shows all again', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/zoom');
  await page.goto(`/experiments/${experiment}/charts`);
  const loss = card(page, 'loss');
  await expect(plot(loss)).toBeVisible();
  await drag(page, loss, 0.25, 0.5);
  await expect(page).toHaveURL(/[?&]zoom=/);
  const zoom = () => new URL(page.url()).searchParams.get('zoom')?.split('..').map(Number) ?? [];
  const [min = NaN, max = NaN] = zoom();
  expect(min).toBeGreaterThan(22);
  expect(min).toBeLessThan(28);
  expect(max).toBeGreaterThan(47);
  expect(max).toBeLessThan(53);

  // Both charts know only these steps now.
  for (const metric of ['loss', 'train/acc']) {
    const chart = card(page, metric);
    await point(page, chart, 0.5);
    const at = page.getByRole('tooltip', { name: 'Values' });
    await expect(at).toContainText(/step 3[5-9]/);
  }
  await page.reload();
  await expect(plot(loss)).toBeVisible();
  await point(page, loss, 0.5);
  await expect(page.getByRole('tooltip', { name: 'Values' })).toContainText(/step 3[5-9]/);

  await plot(loss).dblclick({ position: { x: 200, y: 60 } });
  await expect(page).not.toHaveURL(/zoom=/);
  await drag(page, loss, 0.5, 0.9);
  await expect(page).toHaveURL(/zoom=/);
  await page.getByRole('button', { name: 'Show all of x' }).click();
  await expect(page).not.toHaveURL(/zoom=/);
});

test('the cursor is in all charts at the same x', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/cursor');
  await page.goto(`/experiments/${experiment}/charts?across=1&height=s`);
  const [loss, acc] = [card(page, 'loss'), card(page, 'train/acc')];
  await expect(plot(loss)).toBeVisible();
  await expect(plot(acc)).toBeVisible();
  await point(page, loss, 0.4);
  await expect(page.getByRole('tooltip', { name: 'Values' })).toContainText('step 40');
  // The other chart's axis may be wider: equal by share of the width.
  const share = (chart: typeof loss) =>
    chart.locator('.u-cursor-x').evaluate((line) => {
      const over = line.parentElement as HTMLElement;
      const at = line.getBoundingClientRect().left - over.getBoundingClientRect().left;
      return line.classList.contains('u-off') ? null : Math.round((at / over.clientWidth) * 100);
    });
  await expect.poll(() => share(acc)).toBe(await share(loss));
  expect(await share(loss)).toBe(40);

  await page.mouse.move(2, 2);
  await expect(page.getByRole('tooltip', { name: 'Values' })).toHaveCount(0);
});

test('Back undoes a zoom, however often it was narrowed', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/back');
  await page.goto(`/experiments/${experiment}/charts`);
  const loss = card(page, 'loss');
  await expect(plot(loss)).toBeVisible();
  await drag(page, loss, 0.25, 0.75);
  await expect(page).toHaveURL(/[?&]zoom=/);
  const first = page.url();
  await drag(page, loss, 0.25, 0.75);
  await expect(page).not.toHaveURL(first);
  await page.goBack();
  await expect(page).toHaveURL(/\/charts$/);
  await page.goForward();
  await expect(page).toHaveURL(/[?&]zoom=/);
});

test('the keyboard moves the cursor and zooms', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/keys');
  await page.goto(`/experiments/${experiment}/charts`);
  const chart = card(page, 'loss').getByRole('group');
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tooltip', { name: 'Values' })).toContainText('step 51');
  await page.keyboard.press('+');
  await expect(page).toHaveURL(/zoom=/);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/zoom=/);
});

test('a chart as a table, a picture and CSV', async ({ page, api }) => {
  const { experiment, ids } = await someRuns(api, 'charts/files');
  await page.goto(`/experiments/${experiment}/charts`);
  const loss = card(page, 'loss');
  await expect(plot(loss)).toBeVisible();
  const more = loss.getByRole('button', { name: 'More about loss' });

  const picture = await saved(page, () => choose(page, more, 'Save as PNG'));
  expect(picture.name).toBe('loss.png');
  expect(picture.bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(picture.bytes.length).toBeGreaterThan(2000);

  const svg = await saved(page, () => choose(page, more, 'Save as SVG'));
  expect(svg.bytes.toString()).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);

  const drawn = csvRows((await saved(page, () => choose(page, more, 'Drawn data as CSV'))).bytes.toString());
  expect(drawn).toHaveLength(4 * 101);
  expect(drawn).toContainEqual(['two', ids.two, '1', '1', '', '', '']);

  const all = csvRows((await saved(page, () => choose(page, more, 'All points as CSV'))).bytes.toString());
  expect(all).toHaveLength(4 * 101);
  expect(new Set(all.map(([run]) => run))).toEqual(new Set(Object.values(ids)));

  await choose(page, more, 'Show as table');
  const table = loss.getByRole('table', { name: 'loss' });
  await expect(table).toHaveAttribute('aria-rowcount', String(4 * 101 + 1));
  await expect(table.getByRole('row').nth(1)).toContainText('0');
  await choose(page, more, 'Show as chart');
  await expect(plot(loss)).toBeVisible();
});

test('an eye hides a run, in the address too', async ({ page, api }) => {
  const { experiment, ids } = await someRuns(api, 'charts/hide');
  await page.goto(`/experiments/${experiment}/charts`);
  const chart = card(page, 'loss').getByRole('group');
  await expect(chart).toHaveAccessibleName(/4 lines/);
  await page.getByRole('button', { name: 'Hide two' }).click();
  await expect(chart).toHaveAccessibleName(/3 lines/);
  expect(new URL(page.url()).searchParams.get('hide')).toContain(ids.two);
  await page.reload();
  await expect(chart).toHaveAccessibleName(/3 lines/);

  // The name alone: only this run, and all again.
  await page.getByRole('button', { name: 'three', exact: true }).click();
  await expect(chart).toHaveAccessibleName(/1 line,/);
  await page.getByRole('button', { name: 'three', exact: true }).click();
  await expect(chart).toHaveAccessibleName(/4 lines/);
});

test('groups are means with a band', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/groups');
  await page.goto(`/experiments/${experiment}/charts`);
  await page.getByRole('button', { name: /^Group/ }).click();
  const group = page.getByRole('dialog', { name: 'Group' });
  await group.getByLabel('A line for each value of').selectOption('param.recipe');
  await group.getByLabel('Band around the mean').selectOption('minmax');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('list', { name: 'Groups' }).getByRole('listitem')).toHaveCount(2);
  await expect(card(page, 'loss').getByRole('group')).toHaveAccessibleName(/2 lines/);
  const { bytes } = await saved(page, () =>
    choose(page, card(page, 'loss').getByRole('button', { name: 'More about loss' }), 'Drawn data as CSV'),
  );
  // Of 1 and 2 at step 0: the mean, the least and the greatest.
  const row = csvRows(bytes.toString()).find(([name, , step]) => name?.includes('plain') && step === '0');
  expect(row?.slice(3, 6).map(Number)).toEqual([1.5, 1, 2]);
});

test('a metric of one point each is bars with numbers', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/bars');
  await page.goto(`/experiments/${experiment}/charts`);
  const bars = card(page, 'score').getByRole('list', { name: 'score: last values' });
  await expect(bars.getByRole('listitem')).toHaveCount(4);
  await expect(bars.getByRole('listitem').filter({ hasText: 'three' })).toContainText('0.3');
  await expect(plot(card(page, 'score'))).toHaveCount(0);
});

test('others against a baseline', async ({ page, api }) => {
  const { experiment, ids } = await someRuns(api, 'charts/baseline');
  await page.goto(`/experiments/${experiment}/charts`);
  await choose(page, page.getByRole('button', { name: 'More about one' }), 'Compare others to it');
  const list = page.getByRole('complementary', { name: 'Runs of the charts' });
  await expect(list.getByText('baseline', { exact: true })).toBeVisible();
  expect(new URL(page.url()).searchParams.get('base')).toBe(ids.one);
  const { bytes } = await saved(page, () =>
    choose(page, card(page, 'loss').getByRole('button', { name: 'More about loss' }), 'Drawn data as CSV'),
  );
  const row = csvRows(bytes.toString()).find(([name, , step]) => name === 'three' && step === '0');
  expect(Number(row?.[3])).toBeCloseTo(2);
});

test('one chart on the whole screen, and its neighbours', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/full');
  await page.goto(`/experiments/${experiment}/charts`);
  await page.getByRole('button', { name: 'Full screen: loss' }).click();
  const dialog = page.getByRole('dialog', { name: 'loss' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press(']');
  await expect(dialog).toHaveCount(0);
  await expect(page).toHaveURL(/full=/);
  await page.reload();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).not.toHaveURL(/full=/);
});

test('the board is accessible', async ({ page, api }) => {
  const { experiment } = await someRuns(api, 'charts/accessible');
  await page.goto(`/experiments/${experiment}/charts`);
  await expect(plot(card(page, 'train/acc'))).toBeVisible();
  await expectAccessible(page);
});
