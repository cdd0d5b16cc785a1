/** The table of runs: what it shows first, and everything a reader asks of it. */

import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import type { Api } from '../support/api';
import { expect, expectAccessible, test } from '../support/test';

const grid = (page: Page) => page.getByRole('grid', { name: 'Runs' });
const link = (page: Page, name: string) => grid(page).getByRole('link', { name, exact: true });
const rowOf = (page: Page, name: string) =>
  grid(page)
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
const filter = (page: Page) => page.getByRole('combobox', { name: 'Filter runs' });
const columns = (page: Page) => page.getByRole('button', { name: 'Columns', exact: true });
const notices = (page: Page) => page.getByRole('region', { name: 'Notices' });
const heading = (page: Page, name: string): Locator =>
  grid(page)
    .getByRole('columnheader')
    .filter({ has: page.getByRole('button', { name: `Menu of ${name}`, exact: true }) });
const sortBy = (page: Page, name: string) => heading(page, name).getByRole('button').first().click();

/** The names in the order in which they stand, whatever the order in the document. */
async function names(page: Page): Promise<string[]> {
  const rows = await grid(page)
    .locator('[data-row]')
    .evaluateAll((all) =>
      all.map((row) => ({
        at: Number((row as HTMLElement).dataset.row),
        name: row.querySelector('a[href*="/runs/"]')?.textContent ?? '',
      })),
    );
  return rows.sort((a, b) => a.at - b.at).map(({ name }) => name);
}

const expectNames = (page: Page, wanted: readonly string[]) =>
  expect.poll(() => names(page)).toEqual([...wanted]);

async function applyFilter(page: Page, text: string) {
  await filter(page).fill(text);
  await filter(page).press('Enter');
}

const metric = (value: number, key = 'loss') => [{ key, value, step: 0, timestamp: Date.now() }];

/** Four runs: losses 0.3, 0.1, none, 0.2; two with adam, two with sgd. */
async function four(api: Api, name: string): Promise<{ id: string; runs: string[] }> {
  const id = await api.experiment(name);
  const runs = [
    await api.run(id, 'first', { params: { optimizer: 'adam', seed: '1' }, metrics: metric(0.3) }),
    await api.run(id, 'second', { params: { optimizer: 'sgd', seed: '1' }, metrics: metric(0.1) }),
    await api.run(id, 'without', { params: { optimizer: 'sgd', seed: '1' }, status: 'FAILED' }),
    await api.run(id, 'third', { params: { optimizer: 'adam', seed: '1' }, metrics: metric(0.2) }),
  ];
  return { id, runs };
}

test('the first columns are those that tell runs apart', async ({ page, api }) => {
  const id = await api.experiment('runs/columns');
  const same = { aa: '1', bb: '1', cc: '1' };
  const params = (optimizer: string, lr: string) => ({ ...same, optimizer, lr, seed: lr, width: lr });
  await api.run(id, 'first', { params: params('adam', '0.1'), metrics: metric(0.3) });
  await api.run(id, 'failed', { params: params('sgd', '0.2'), status: 'FAILED' });
  await page.goto(`/experiments/${id}`);
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '3');
  for (const name of ['Name', 'Started', 'Duration', 'loss', 'optimizer', 'lr', 'seed', 'width'])
    await expect(heading(page, name)).toHaveCount(1);
  for (const name of Object.keys(same)) await expect(heading(page, name)).toHaveCount(0);
  await expect(rowOf(page, 'first')).toContainText('0.3');
  await expect(rowOf(page, 'failed')).toContainText('Failed');
  await expect(page.getByText('2 runs', { exact: true })).toBeVisible();
});

test('sorted by a metric both ways, what has none is last', async ({ page, api }) => {
  const { id } = await four(api, 'runs/sorted');
  await page.goto(`/experiments/${id}`);
  await expect(link(page, 'first')).toBeVisible();
  await sortBy(page, 'loss');
  const ways: Record<string, string[]> = {
    ascending: ['second', 'third', 'first', 'without'],
    descending: ['first', 'third', 'second', 'without'],
  };
  const isSorted = () => heading(page, 'loss').getAttribute('aria-sort');
  await expect.poll(isSorted).toMatch(/ending$/);
  const way = (await isSorted()) ?? '';
  await expectNames(page, ways[way] ?? []);
  await sortBy(page, 'loss');
  const other = way === 'ascending' ? 'descending' : 'ascending';
  await expect.poll(isSorted).toBe(other);
  await expectNames(page, ways[other] ?? []);
  // It is in the address.
  await page.reload();
  await expectNames(page, ways[other] ?? []);
});

test('the filter completes keys, operators and values', async ({ page, api }) => {
  const { id } = await four(api, 'runs/completed');
  await page.goto(`/experiments/${id}`);
  await expect(link(page, 'first')).toBeVisible();
  const options = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option');
  const choose = async (text: RegExp) => {
    await expect(options.filter({ hasText: text }).first()).toBeVisible();
    await options.filter({ hasText: text }).first().click();
  };
  await filter(page).click();
  await filter(page).pressSequentially('opti');
  await choose(/optimizer/);
  await expect(filter(page)).toHaveValue(/params\.optimizer/);
  await choose(/^=/);
  await choose(/sgd/);
  await expect(filter(page)).toHaveValue(/^params\.optimizer = 'sgd'\s*$/);
  await filter(page).press('Enter');
  await expect(link(page, 'first')).toHaveCount(0);
  await expectNames(page, ['without', 'second']);
});

test('a wrong filter is marked at its place, and the rows stay', async ({ page, api, watched }) => {
  watched.mayFail.push(/runs\/(table|keys)/);
  const { id } = await four(api, 'runs/wrong');
  await page.goto(`/experiments/${id}`);
  await expect(link(page, 'first')).toBeVisible();
  await applyFilter(page, "params.optimizer = 'adam' AND metrics.loss ~ 3");
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(filter(page)).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('main mark')).toHaveText('metrics.loss ~ 3');
  await expect(link(page, 'first')).toBeVisible();
  await applyFilter(page, "params.optimizer = 'adam' AND metrics.loss < 0.25");
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expectNames(page, ['third']);
});

test('words search names; each condition has a chip that takes it out', async ({ page, api }) => {
  const { id } = await four(api, 'runs/words');
  await page.goto(`/experiments/${id}`);
  await expect(link(page, 'first')).toBeVisible();
  await applyFilter(page, 'ir');
  await expectNames(page, ['third', 'first']);
  await applyFilter(page, "params.optimizer = 'adam' AND metrics.loss > 0.25");
  await expectNames(page, ['first']);
  const chips = page.getByRole('list', { name: 'Conditions' });
  await expect(chips.getByRole('listitem')).toHaveCount(2);
  await chips.getByRole('button', { name: 'Remove metrics.loss > 0.25' }).click();
  await expectNames(page, ['third', 'first']);
  await expect(filter(page)).toHaveValue("params.optimizer = 'adam'");
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '5');
  // The way back has each of them.
  await page.goBack();
  await expectNames(page, ['third', 'first']);
});

test('groups by a param: mean and deviation, and the runs inside', async ({ page, api }) => {
  const { id } = await four(api, 'runs/grouped');
  await page.goto(`/experiments/${id}`);
  await expect(link(page, 'first')).toBeVisible();
  await page.getByRole('button', { name: 'Group', exact: true }).click();
  await page
    .getByRole('dialog', { name: 'Group runs' })
    .getByRole('checkbox', { name: 'optimizer', exact: true })
    .check();
  await page.keyboard.press('Escape');
  await expect(page.getByText('4 runs in 2 groups')).toBeVisible();
  const adam = grid(page).getByRole('row').filter({ hasText: 'adam' }).filter({ hasText: '2 runs' });
  // The deviation of the sample: sqrt(0.005).
  await expect(adam).toContainText('0.25 ± 0.071');
  await expect(link(page, 'first')).toHaveCount(0);
  await adam.getByRole('button', { name: 'Rows below the group' }).click();
  await expect(link(page, 'first')).toBeVisible();
  await expect(link(page, 'third')).toBeVisible();
  await expect(link(page, 'second')).toHaveCount(0);
});

test('a sweep: child runs below their parent', async ({ page, api }) => {
  const id = await api.experiment('runs/sweep');
  const parent = await api.run(id, 'sweep');
  for (const trial of ['trial-1', 'trial-2'])
    await api.run(id, trial, { tags: { 'mlflow.parentRunId': parent }, metrics: metric(0.5) });
  await api.run(id, 'alone');
  await page.goto(`/experiments/${id}`);
  await expectNames(page, ['alone', 'sweep']);
  await expect(page.getByText('4 runs, 2 of them without a parent')).toBeVisible();
  await rowOf(page, 'sweep').getByRole('button', { name: 'Rows below sweep' }).click();
  await expectNames(page, ['alone', 'sweep', 'trial-2', 'trial-1']);
  await page.getByRole('button', { name: 'Nested' }).click();
  await expectNames(page, ['alone', 'trial-2', 'trial-1', 'sweep']);
});

test('columns are chosen by searching', async ({ page, api }) => {
  const { id } = await four(api, 'runs/chosen');
  await page.goto(`/experiments/${id}?cols=metric.loss,param.optimizer`);
  await expect(link(page, 'first')).toBeVisible();
  await expect(heading(page, 'seed')).toHaveCount(0);
  await columns(page).click();
  const chooser = page.getByRole('dialog', { name: 'Columns' });
  await chooser.getByRole('textbox', { name: 'Search columns' }).fill('seed');
  await chooser.getByRole('checkbox', { name: 'seed' }).check();
  await expect(heading(page, 'seed')).toBeVisible();
  await chooser.getByRole('textbox', { name: 'Search columns' }).fill('loss');
  await chooser.getByRole('checkbox', { name: 'loss', exact: true }).uncheck();
  await expect(heading(page, 'loss')).toHaveCount(0);
  await page.reload();
  await expect(heading(page, 'seed')).toBeVisible();
  await expect(heading(page, 'loss')).toHaveCount(0);
  await columns(page).click();
  await chooser.getByRole('button', { name: 'Default' }).click();
  await expect(heading(page, 'loss')).toBeVisible();
  await expect(heading(page, 'Started')).toBeVisible();
});

test('when runs started, and those that were deleted', async ({ page, api }) => {
  const { id, runs } = await four(api, 'runs/times');
  const old = await api.call<{ run: { info: { run_id: string } } }>('POST', 'runs/create', {
    experiment_id: id,
    run_name: 'old',
    start_time: Date.now() - 3 * 86_400_000,
  });
  await api.finish(old.run.info.run_id);
  await api.call('POST', 'runs/delete', { run_id: runs[1] });
  await page.goto(`/experiments/${id}`);
  await expectNames(page, ['third', 'without', 'first', 'old']);
  await page.getByRole('combobox', { name: 'Started' }).selectOption('Last hour');
  await expectNames(page, ['third', 'without', 'first']);
  await page.getByRole('combobox', { name: 'Started' }).selectOption('Any time');
  await page.getByRole('combobox', { name: 'State' }).selectOption('Deleted');
  await expectNames(page, ['second']);
  await page.getByRole('combobox', { name: 'State' }).selectOption('All');
  await expectNames(page, ['third', 'without', 'second', 'first', 'old']);
});

test('selected runs get a tag, are deleted, and come back', async ({ page, api }) => {
  const { id, runs } = await four(api, 'runs/bulk');
  await page.goto(`/experiments/${id}`);
  for (const name of ['first', 'third']) await rowOf(page, name).getByRole('checkbox').click();
  const bar = page.getByRole('group', { name: 'Selected runs' });
  await expect(bar).toContainText('2 selected');
  await bar.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Add a tag…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a tag to 2 runs' });
  await dialog.getByRole('textbox', { name: 'Key' }).fill('team');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('red');
  await dialog.getByRole('button', { name: 'Add the tag' }).click();
  await expect(notices(page).getByText('Changed 2 runs.')).toBeVisible();
  const tagOf = async (run: string) => {
    const answer = await api.call<{ run: { data: { tags: { key: string; value: string }[] } } }>(
      'GET',
      `runs/get?run_id=${run}`,
    );
    return answer.run.data.tags.find(({ key }) => key === 'team')?.value;
  };
  expect(await Promise.all(runs.map(tagOf))).toEqual(['red', undefined, undefined, 'red']);

  await bar.getByRole('button', { name: 'Delete' }).click();
  await expectNames(page, ['without', 'second']);
  await notices(page).getByRole('button', { name: 'Undo' }).click();
  await expectNames(page, ['third', 'without', 'second', 'first']);
});

test('all that match are meant, though only some are in the page', async ({ page, api }) => {
  const id = await api.experiment('runs/many');
  for (let from = 0; from < 120; from += 20)
    await Promise.all(Array.from({ length: 20 }, (_, i) => api.run(id, `many-${from + i}`)));
  await page.goto(`/experiments/${id}`);
  await expect(page.getByText('120 runs', { exact: true })).toBeVisible();
  expect(await grid(page).locator('[data-row]').count()).toBeLessThan(80);
  await rowOf(page, (await names(page))[0] ?? '')
    .getByRole('checkbox')
    .click();
  const bar = page.getByRole('group', { name: 'Selected runs' });
  await bar.getByRole('button', { name: 'Select all 120' }).click();
  await expect(bar).toContainText('120 selected');
  await bar.getByRole('button', { name: 'Delete' }).click();
  // More than a handful: asked first.
  const dialog = page.getByRole('dialog', { name: 'Delete 120 runs' });
  await dialog.getByRole('button', { name: 'Delete 120 runs' }).click();
  await expect(notices(page).getByText('Deleted 120 runs.')).toBeVisible();
  await expect(grid(page)).toHaveCount(0);
  const left = await api.call<{ runs?: unknown[] }>('POST', 'runs/search', { experiment_ids: [id] });
  expect(left.runs ?? []).toHaveLength(0);
});

test('the export has every row', async ({ page, api }) => {
  const { id } = await four(api, 'runs/export');
  await page.goto(`/experiments/${id}?sort=-metric.loss`);
  await expect(link(page, 'first')).toBeVisible();
  await page.getByRole('button', { name: 'Export these runs' }).click();
  const download = page.waitForEvent('download');
  await page
    .getByRole('dialog', { name: 'Export 4 runs' })
    .getByRole('button', { name: 'Export', exact: true })
    .click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const [head = '', ...lines] = (await readFile(await file.path(), 'utf8')).trim().split(/\r?\n/);
  const keys = head.split(',');
  const rows = lines.map((line) =>
    Object.fromEntries(line.split(',').map((value, i) => [keys[i] ?? '', value])),
  );
  expect(rows).toHaveLength(4);
  const column = (part: string) => keys.find((key) => key.includes(part)) ?? '';
  expect(rows.map((row) => row[column('run_name')])).toEqual(['second', 'third', 'first', 'without']);
  expect(rows.map((row) => Number(row[column('loss')]))).toEqual([0.1, 0.2, 0.3, 0]);
  expect(rows[3]?.[column('loss')]).toBe('');
  expect(rows.map((row) => row[column('optimizer')])).toEqual(['sgd', 'adam', 'adam', 'sgd']);
});

test('a view is saved, shown again, and the default', async ({ page, api }) => {
  const { id } = await four(api, 'runs/views');
  await page.goto(`/experiments/${id}?q=${encodeURIComponent("params.optimizer = 'sgd'")}`);
  await expectNames(page, ['without', 'second']);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Save this view…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save this view' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('only sgd');
  await dialog.getByRole('checkbox', { name: /whenever the experiment is opened/ }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'only sgd' })).toBeVisible();

  // Opened without a word of what to show.
  await page.goto(`/experiments/${id}`);
  await expectNames(page, ['without', 'second']);
  await page.getByRole('button', { name: 'only sgd' }).click();
  await page.getByRole('menuitem', { name: 'Back to the start' }).click();
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '5');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitemcheckbox', { name: /only sgd/ }).click();
  await expectNames(page, ['without', 'second']);
});

test('a state too long for an address gets a short one', async ({ page, api }) => {
  const { id } = await four(api, 'runs/long');
  const many = Array.from({ length: 120 }, (_, i) => `param.key-of-some-length-${i}`).join(',');
  await page.goto(`/experiments/${id}?cols=metric.loss,${many}`);
  await expect(page).toHaveURL(/[?&]v=[^&]+$/);
  expect(page.url().length).toBeLessThan(200);
  const short = page.url();
  await page.goto('/');
  await page.goto(short);
  await expect(heading(page, 'loss')).toBeVisible();
  await expect(heading(page, 'key-of-some-length-0')).toBeVisible();
  await expect(heading(page, 'optimizer')).toHaveCount(0);
});

test('runs of several experiments stand together', async ({ page, api }) => {
  const one = await api.experiment('together/one');
  const two = await api.experiment('together/two');
  await api.run(one, 'run of one', { metrics: metric(0.4) });
  await api.run(two, 'run of two', { metrics: metric(0.6) });
  await page.goto('/?q=together');
  await page
    .getByRole('treegrid')
    .getByRole('row', { name: 'Folder together' })
    .getByRole('checkbox')
    .check();
  await page.getByRole('link', { name: 'Runs of them together' }).click();
  await expect(page.getByRole('heading', { name: 'Runs of 2 experiments' })).toBeVisible();
  await expect(rowOf(page, 'run of one')).toContainText('together/one');
  await expect(rowOf(page, 'run of two')).toContainText('together/two');
  await sortBy(page, 'loss');
  await expect.poll(async () => (await names(page)).length).toBe(2);
});

test('new runs are announced and shown on request; values of running ones change in place', async ({
  page,
  api,
}) => {
  const id = await api.experiment('runs/live');
  const running = await api.run(id, 'training', { metrics: metric(0.9), status: 'RUNNING' });
  await page.goto(`/experiments/${id}`);
  await expect(rowOf(page, 'training')).toContainText('0.9');
  await expect(page.getByRole('button', { name: /^Live/ })).toBeVisible();
  await api.log(running, [{ key: 'loss', value: 0.4567, step: 1, timestamp: Date.now() }]);
  await expect(rowOf(page, 'training')).toContainText('0.4567');
  await api.finish(running);
  await expect(rowOf(page, 'training')).toContainText('Finished');

  await api.run(id, 'newcomer');
  const pill = page.getByRole('button', { name: '1 new run' });
  await expect(pill).toBeVisible();
  await expectNames(page, ['training']);
  await pill.click();
  await expectNames(page, ['newcomer', 'training']);
  await expect(pill).toHaveCount(0);
});

test('bars behind metrics say where a value is between the least and the greatest', async ({ page, api }) => {
  const experiment = await api.experiment('bars');
  for (const [name, loss] of Object.entries({ least: 1, quarter: 2, most: 5 })) {
    await api.run(experiment, name, { metrics: [{ key: 'loss', value: loss, step: 0, timestamp: 1 }] });
  }
  await page.goto(`/experiments/${experiment}`);
  const cell = page
    .getByRole('grid', { name: 'Runs' })
    .getByRole('row')
    .filter({ hasText: 'quarter' })
    .getByRole('gridcell', { name: '2', exact: true });
  await expect(cell).toHaveCSS('background-image', 'none');
  await page.getByRole('button', { name: 'Look of the rows' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Bars behind metrics' }).click();
  await expect(cell).toHaveCSS('background-size', /^25% /);
  await page.reload();
  await expect(cell).toHaveCSS('background-size', /^25% /);
  await expectAccessible(page);
});

test('a filter keeps the ancestors of what it finds, greyed', async ({ page, api }) => {
  const id = await api.experiment('runs/ancestors');
  const below = (parent: string) => ({ tags: { 'mlflow.parentRunId': parent } });
  const study = await api.run(id, 'study');
  const fold = await api.run(id, 'fold', below(study));
  for (const [name, value] of Object.entries({ 'epoch-good': 0.1, 'epoch-bad': 0.9 }))
    await api.run(id, name, { ...below(fold), metrics: metric(value) });
  await api.run(id, 'alone', { metrics: metric(0.2) });
  await api.run(id, 'other');
  await page.goto(`/experiments/${id}?q=${encodeURIComponent('metrics.loss < 0.5')}&sort=-metric.loss`);
  await expectNames(page, ['study', 'fold', 'epoch-good', 'alone']);
  await expect(page.getByText('2 runs', { exact: true })).toBeVisible();
  await expect(rowOf(page, 'study').getByText('does not match')).toBeAttached();
  await expect(rowOf(page, 'epoch-good').getByText('does not match')).toHaveCount(0);
  await expectAccessible(page);
  await rowOf(page, 'study').getByRole('button', { name: 'Rows below study' }).click();
  await expectNames(page, ['study', 'alone']);
  // What is closed stays closed when the table is read again.
  await page.getByRole('button', { name: 'Read again (r)' }).click();
  await expectNames(page, ['study', 'alone']);
  await rowOf(page, 'study').getByRole('button', { name: 'Rows below study' }).click();
  await expectNames(page, ['study', 'fold', 'epoch-good', 'alone']);
  await page.getByRole('button', { name: 'Nested' }).click();
  await expectNames(page, ['epoch-good', 'alone']);
});
