/** Runs side by side. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { Api } from '../support/api';
import { choose, curve, plot, saved } from '../support/charts';
import { png } from '../support/files';
import { expect, expectAccessible, test } from '../support/test';

/** Six runs of a small sweep. */
async function sweep(api: Api, name: string) {
  const experiment = await api.experiment(name);
  const ids: string[] = [];
  for (let i = 0; i < 6; i += 1) {
    ids.push(
      await api.run(experiment, `run-${i}`, {
        params: {
          lr: String(0.1 * (i + 1)),
          width: String(16 * (1 + (i % 3))),
          optimizer: i % 2 ? 'adam' : 'sgd',
          same: 'everywhere',
        },
        metrics: [
          ...curve('val/loss', 5, (step) => (i + 1) / (step + 1)),
          ...curve('val/accuracy', 5, (step) => (step + 1) / (10 + i)),
        ],
        tags: { team: 'vision', ...(i < 2 && { 'mlflow.note.content': `Note of **${i}**` }) },
      }),
    );
  }
  return { experiment, ids, path: `/compare?runs=${ids.join(',')}` };
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Differences' });
const row = (page: Page, key: string): Locator =>
  grid(page)
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader').filter({ has: page.getByTitle(key, { exact: true }) }) });
const chips = (page: Page) => page.getByRole('list', { name: 'Compared runs' }).getByRole('listitem');
const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Ways to compare' }).getByRole('link', { name, exact: true });

test('what differs, or all; found by name', async ({ page, api }) => {
  const { path } = await sweep(api, 'compare/differences');
  await page.goto(path);
  await expect(page.getByRole('heading', { name: 'Compare 6 runs' })).toBeVisible();
  await expect(row(page, 'lr')).toBeVisible();
  await expect(row(page, 'same')).toHaveCount(0);
  await page.getByRole('checkbox', { name: /^Only what differs/ }).uncheck();
  await expect(row(page, 'same').getByRole('gridcell').first()).toHaveText('everywhere');
  await page.reload();
  await expect(row(page, 'same')).toBeVisible();
  await page.getByLabel('Find a row').fill('optim');
  await expect(row(page, 'optimizer')).toBeVisible();
  await expect(row(page, 'lr')).toHaveCount(0);
  await page.getByLabel('Find a row').fill('zzz');
  await expect(page.getByText('No row has this name')).toBeVisible();
  await page.getByLabel('Find a row').fill('');
  await expect(row(page, 'lr')).toBeVisible();
  await expectAccessible(page);
});

test('the difference to a baseline', async ({ page, api }) => {
  const { ids, path } = await sweep(api, 'compare/baseline');
  await page.goto(path);
  await page.getByLabel('Baseline', { exact: true }).selectOption({ label: 'Δ to run-1' });
  expect(new URL(page.url()).searchParams.get('base')).toBe(ids[1]);
  const loss = row(page, 'val/loss').getByRole('gridcell');
  // Of 0.4: half of it, itself, and the half more.
  await expect(loss.nth(0)).toContainText('−0.2');
  await expect(loss.nth(0)).toContainText('best');
  await expect(loss.nth(1)).toHaveText('0.4');
  await expect(loss.nth(2)).toContainText('+0.2');
  await expect(row(page, 'optimizer').getByRole('gridcell').nth(0)).toContainText('≠');
  await expect(row(page, 'optimizer').getByRole('gridcell').nth(3)).not.toContainText('≠');
  await page.reload();
  await expect(loss.nth(2)).toContainText('+0.2');
  await page.getByRole('button', { name: 'run-1 is the baseline. Take it away' }).click();
  await expect(loss.nth(2)).not.toContainText('+');
});

test('runs as rows, and the table elsewhere', async ({ page, api, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { path } = await sweep(api, 'compare/transpose');
  await page.goto(path);
  await expect(row(page, 'lr')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Runs as rows' }).check();
  await expect(grid(page).getByRole('rowheader', { name: /run-3/ })).toBeVisible();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '7');
  await expect(page).toHaveURL(/transpose=1/);
  const file = await saved(page, () =>
    choose(page, page.getByRole('button', { name: 'Copy', exact: true }), 'Download CSV'),
  );
  const lines = file.bytes.toString().trim().split(/\r?\n/);
  expect(lines).toHaveLength(7);
  expect(lines[0]).toContain('val/loss');
  await page.getByRole('checkbox', { name: 'Runs as rows' }).uncheck();
  await choose(page, page.getByRole('button', { name: 'Copy', exact: true }), 'Copy as Markdown');
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/\| *run-0 *\|[\s\S]*optimizer *\| *sgd *\| *adam/);
});

test('charts of each kind', async ({ page, api }) => {
  const { path } = await sweep(api, 'compare/charts');
  await page.goto(path);
  await tab(page, 'Scatter').click();
  const panel = (name: RegExp) => page.getByRole('region', { name });
  const picture = (name: RegExp) => page.getByRole('img', { name });
  await expect(picture(/6 runs/)).toBeVisible();
  await page.getByRole('button', { name: /^X axis/ }).click();
  await page.getByRole('option', { name: 'width param' }).click();
  await page.getByRole('button', { name: /^Y axis/ }).click();
  await page.getByRole('option', { name: 'val/loss metric' }).click();
  await expect(panel(/^val\/loss by width$/)).toBeVisible();
  await page.reload();
  await expect(panel(/^val\/loss by width$/)).toBeVisible();
  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(page.getByRole('region', { name: /as a table$/ })).toContainText('run-5');
  await page.getByRole('button', { name: 'Show as chart' }).click();
  await expect(picture(/val\/loss by width/)).toBeVisible();
  await expect(
    picture(/val\/loss by width/)
      .locator('canvas')
      .first(),
  ).toBeVisible();
  const png = await saved(page, () => page.getByRole('button', { name: /Download as picture/ }).click());
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  const csv = await saved(page, () => page.getByRole('button', { name: /Download the data/ }).click());
  expect(csv.bytes.toString().trim().split(/\r?\n/)).toHaveLength(7);

  for (const [name, told] of [
    ['Box', /6 runs in \d boxes?\. .*median/],
    ['Parallel', /6 runs through/],
    ['Contour', /runs/],
    ['Bar', /runs/],
    ['Over time', /runs/],
  ] as const) {
    await tab(page, name).click();
    await expect(page.getByText(told).first()).toBeVisible();
    await expect(page.locator('main canvas').first()).toBeVisible();
  }
  await tab(page, 'Charts').click();
  await expect(plot(page.getByRole('region', { name: 'val/loss', exact: true }))).toBeVisible();
  await tab(page, 'Differences').click();
  await expect(row(page, 'lr')).toBeVisible();
});

test('a point of the scatter plot opens its run', async ({ page, api }) => {
  const experiment = await api.experiment('compare/point');
  const ids: string[] = [];
  for (const [name, x] of [
    ['low', 0],
    ['middle', 1],
    ['high', 2],
  ] as const)
    ids.push(
      await api.run(experiment, name, {
        params: { x: String(x) },
        metrics: [{ key: 'y', value: x, step: 0, timestamp: 1 }],
      }),
    );
  await page.goto(
    `/compare?runs=${ids.join(',')}&tab=scatter&scatter=${encodeURIComponent('scatter;x=param.x;y=metric.y')}`,
  );
  const chart = page.getByRole('img', { name: /^y by x/ });
  await expect(chart.locator('canvas').first()).toBeVisible();
  // The middle run is in the middle of the drawing: left 64, right 20, top 12, bottom 44.
  const box = await chart.boundingBox();
  if (!box) throw new Error('no chart');
  const [x, y] = [box.x + 64 + (box.width - 84) / 2, box.y + 12 + (box.height - 56) / 2];
  await page.mouse.move(x - 40, y - 40);
  await page.mouse.move(x, y);
  await expect(page.getByText('middle').last()).toBeVisible();
  await page.mouse.click(x, y);
  await expect(page.getByRole('heading', { name: 'middle', level: 1 })).toBeVisible();
});

test('the same picture and file of each run', async ({ page, api }) => {
  const { experiment, ids, path } = await sweep(api, 'compare/files');
  for (const [i, id] of ids.slice(0, 3).entries()) {
    await api.upload(experiment, id, 'plots/roc.png', png(40, 30, 60 + i * 60));
    if (i < 2) {
      await api.upload(experiment, id, 'conf.yaml', `lr: 0.${i + 1}\nsame: yes\n`);
      await api.upload(experiment, id, 'log.txt', `first\nsecond ${i}\nthird\n`);
    }
  }
  await page.goto(`${path}&tab=images`);
  const images = page.getByRole('navigation', { name: 'Images of the runs' });
  await images.getByRole('button', { name: /plots/ }).click();
  await images.getByRole('button', { name: /roc\.png/ }).click();
  await expect(page.getByRole('img', { name: /^plots\/roc\.png of run-/ })).toHaveCount(3);
  await expect(page.getByText('not in this run').first()).toBeVisible();
  await page.getByLabel('View').selectOption('difference');
  await expect(page.getByText('Black is where the two are the same.')).toBeVisible();
  await expect(page.getByRole('img', { name: /^plots\/roc\.png of run-/ })).toHaveCount(2);
  await page.getByLabel('View').selectOption('swipe');
  await expect(page.getByRole('slider', { name: /How much of the left image/ })).toBeVisible();

  await tab(page, 'Files').click();
  const files = page.getByRole('navigation', { name: 'Files of the runs' });
  await files.getByRole('button', { name: 'artifacts', exact: true }).click();
  await expect(files.getByRole('button', { name: /log\.txt/ })).toContainText('2 of 6');
  await files.getByRole('button', { name: /conf\.yaml/ }).click();
  const values = page.getByRole('region', { name: 'Values' });
  await expect(values.getByRole('row').nth(1)).toContainText('lr');
  await expect(values.getByRole('row')).toHaveCount(2);
  await page.getByRole('checkbox', { name: 'As lines' }).check();
  await expect(page.getByRole('region', { name: 'Lines' })).toContainText('same: yes');
  await files.getByRole('button', { name: /log\.txt/ }).click();
  await expect(page.getByRole('region', { name: 'Lines' })).toContainText('second 1');
});

test('large folders are listed as far as all runs are known, and files behind that are found', async ({
  page,
  api,
  demo,
}) => {
  const experiment = await api.experiment('compare/large');
  const runs: string[] = [];
  for (const [i, count] of [2_500, 30].entries()) {
    const run = await api.run(experiment, `large-${i}`);
    const folder = join(demo.folder, 'artifacts', experiment, run, 'artifacts', 'many');
    mkdirSync(folder, { recursive: true });
    // The second has every 100th, so names behind the end of what is read of the first.
    for (let k = 0; k < count; k += 1) {
      const name = `f-${String(k * (i ? 100 : 1)).padStart(4, '0')}.txt`;
      writeFileSync(join(folder, name), `${name} of run ${i}`);
    }
    runs.push(run);
  }
  await page.goto(`/compare?runs=${runs.join(',')}&tab=files&folder=many`);
  const files = page.getByRole('navigation', { name: 'Files of the runs' });
  await expect(files.getByText('The first 2,000 names are listed. There are more.')).toBeVisible();
  await expect(files.getByRole('button', { name: /f-0000\.txt 2 of 2/ })).toBeVisible();
  await expect(files.getByRole('button', { name: /f-0001\.txt 1 of 2/ })).toBeVisible();
  expect(await files.getByRole('listitem').count()).toBeLessThan(80);
  await expectAccessible(page);

  // By its address, before anybody has read so far.
  await page.goto(`/compare?runs=${runs.join(',')}&tab=files&folder=many&path=many/f-2400.txt`);
  await expect(page.getByRole('region', { name: 'Lines' })).toContainText('f-2400.txt of run 1');
  await files.getByRole('button', { name: 'List more' }).click();
  await expect(files.getByRole('note')).toHaveCount(0);
  await files.getByRole('list').evaluate((list) => {
    const scroller = list.parentElement as HTMLElement;
    scroller.scrollTop = scroller.scrollHeight;
  });
  await expect(files.getByRole('button', { name: /f-2900\.txt 1 of 2/ })).toBeVisible();
});

test('notes beside each other', async ({ page, api }) => {
  const { path } = await sweep(api, 'compare/notes');
  await page.goto(`${path}&tab=notes`);
  await expect(page.getByRole('article', { name: 'Note of run-1' }).locator('strong')).toHaveText('1');
  await expect(page.getByText('4 runs have no note.')).toBeVisible();
});

test('runs are taken away and added; one that is missing is named', async ({ page, api }) => {
  const { ids } = await sweep(api, 'compare/add');
  const other = await api.run(await api.experiment('compare/other'), 'from-elsewhere', {
    params: { lr: '9' },
  });
  const missing = '0'.repeat(31) + '1';
  await page.goto(`/compare?runs=${[ids[0], ids[1], missing].join(',')}`);
  await expect(chips(page)).toHaveCount(3);
  await expect(chips(page).nth(2)).toContainText('not on this server');
  await page.getByRole('button', { name: 'Remove 00000000' }).click();
  await expect(chips(page)).toHaveCount(2);

  await page.getByRole('button', { name: 'Add runs' }).click();
  await page.getByLabel('Search runs by name or id').fill('from-elsewhere');
  await page.getByRole('checkbox', { name: /from-elsewhere/ }).click();
  await expect(chips(page)).toHaveCount(3);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Compare 3 runs' })).toBeVisible();
  await expect(row(page, 'lr').getByRole('gridcell').nth(2)).toHaveText('9');
  expect(new URL(page.url()).searchParams.get('runs')).toBe([ids[0], ids[1], other].join(','));

  await choose(page, page.getByRole('button', { name: 'More of from-elsewhere' }), 'Move left');
  expect(new URL(page.url()).searchParams.get('runs')).toBe([ids[0], other, ids[1]].join(','));
  await page.getByRole('button', { name: 'Remove run-0' }).click();
  await page.getByRole('button', { name: 'Remove run-1' }).click();
  await expect(page.getByText('One run has nothing to be compared with')).toBeVisible();
  await page.goBack();
  await expect(chips(page)).toHaveCount(2);
});

test('a query is asked anew', async ({ page, api }) => {
  const { experiment } = await sweep(api, 'compare/query');
  const q = encodeURIComponent("params.optimizer = 'adam'");
  await page.goto(`/compare?q=${q}&experiments=${experiment}`);
  await expect(page.getByRole('heading', { name: 'Compare 3 runs' })).toBeVisible();
  await expect(page.getByText('asked anew each time the page is opened')).toBeVisible();
  await api.run(experiment, 'late', {
    params: { optimizer: 'adam' },
    metrics: curve('val/loss', 2, () => 1),
  });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Compare 4 runs' })).toBeVisible();
});

test('from the table: a selection is compared', async ({ page, api }) => {
  const { experiment } = await sweep(api, 'compare/table');
  await page.goto(`/experiments/${experiment}`);
  for (const name of ['run-2', 'run-4']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await page.getByRole('group', { name: 'Selected runs' }).getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { name: 'Compare 2 runs' })).toBeVisible();
  await expect(chips(page)).toHaveCount(2);
});

test('the files of many runs are listed in parts, which is said', async ({ page, api }) => {
  const experiment = await api.experiment('many files');
  const runs: string[] = [];
  for (let i = 0; i < 53; i += 1) runs.push(await api.run(experiment, `r${i}`));
  await api.upload(experiment, runs[0] ?? '', 'first.txt', 'a');
  await api.upload(experiment, runs[52] ?? '', 'last.txt', 'b');
  await page.goto(`/compare?runs=${runs.join(',')}&tab=files`);
  const files = page.getByRole('navigation', { name: 'Files of the runs' });
  await expect(files.getByRole('button', { name: /first\.txt 1 of 50/ })).toBeVisible();
  await expect(files.getByRole('button', { name: /last\.txt/ })).toHaveCount(0);
  await expect(files.getByText('The files of 50 of 53 runs are listed.')).toBeVisible();
  await files.getByRole('button', { name: 'Load 3 more' }).click();
  await expect(files.getByRole('button', { name: /last\.txt 1 of 53/ })).toBeVisible();
  await expect(files.getByRole('note')).toHaveCount(0);
});

test('an axis of parallel coordinates becomes logarithmic, and the address keeps it', async ({
  page,
  api,
}) => {
  const experiment = await api.experiment('log axes');
  const runs: string[] = [];
  for (const lr of ['0.1', '0.001', '0']) {
    const metrics = [{ key: 'loss', value: Number(lr) + 1, step: 0, timestamp: 1 }];
    runs.push(await api.run(experiment, `lr ${lr}`, { params: { lr }, metrics }));
  }
  await page.goto(
    `/compare?runs=${runs.join(',')}&tab=parallel&parallel=${encodeURIComponent('axes=param.lr;axes=metric.loss')}`,
  );
  const axes = page.getByRole('list', { name: 'Axes' });
  await axes.getByRole('button', { name: 'lr', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Logarithmic' }).click();
  await expect(axes.getByRole('button', { name: 'lr (log)' })).toBeVisible();
  // Zero has no place on it.
  await expect(page.getByText(/no place for what the run has: 1 run on lr/)).toBeVisible();
  await page.reload();
  await axes.getByRole('button', { name: 'lr (log)' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Logarithmic' }).click();
  await expect(axes.getByRole('button', { name: 'lr', exact: true })).toBeVisible();
});
