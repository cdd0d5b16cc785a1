/** The page of a run. */

import type { Page } from '@playwright/test';
import type { Api } from '../support/api';
import { choose, curve } from '../support/charts';
import { expect, expectAccessible, test } from '../support/test';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

async function fullRun(api: Api, name: string) {
  const experiment = await api.experiment(name);
  const run = await api.run(experiment, 'a-full-run', {
    params: {
      'model.depth': '18',
      'model.width': '64',
      'optimizer.lr': '0.1',
      'optimizer.name': 'sgd',
      'optimizer.momentum': '0.9',
      epochs: '10',
      seed: '7',
      batch: '128',
      notes: 'long '.repeat(100),
    },
    metrics: [
      ...curve('val/loss', 21, (step) => Math.abs(step - 8) + 0.25),
      ...curve('system/cpu_utilization_percentage', 3, (step) => 40 + step),
      ...curve('system/disk_usage_percentage', 3, (step) => 10 + step),
    ],
    tags: {
      team: 'vision',
      'mlflow.user': 'ada',
      'mlflow.source.name': 'src/train.py',
      'mlflow.source.git.commit': COMMIT,
      'mlflow.source.git.branch': 'feature/x',
      'mlflow.source.git.repoURL': 'https://git.example.com/team/training.git',
    },
  });
  return { experiment, run };
}

const section = (page: Page, title: string) =>
  page.getByRole('region', { name: new RegExp(`^${title}\\s*\\d*$`) });
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

test('what the head says', async ({ page, api }) => {
  const { experiment, run } = await fullRun(api, 'run/head');
  await page.goto(`/runs/${run}`);
  await expect(page.getByRole('heading', { name: 'a-full-run', level: 1 })).toBeVisible();
  const fact = (label: string) =>
    page
      .locator('dl > div')
      .filter({ has: page.getByText(label, { exact: true }) })
      .locator('dd');
  await expect(fact('Experiment').getByRole('link')).toHaveText('run/head');
  await expect(fact('User')).toHaveText('ada');
  await expect(fact('Source')).toContainText('train.py');
  await expect(fact('Commit')).toContainText(COMMIT.slice(0, 8));
  await expect(fact('Commit')).toContainText('on feature/x');
  await expect(fact('Duration')).toHaveText(/1 ?min|1:0\d|60|61/);
  await expect(fact('Run id')).toContainText(run);
  await expect(page.getByText('Finished').first()).toBeVisible();
  await expectAccessible(page);
  await fact('Experiment').getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`/experiments/${experiment}$`));
});

test('another name: kept with Enter, not with Escape', async ({ page, api }) => {
  const { run } = await fullRun(api, 'run/rename');
  await page.goto(`/runs/${run}`);
  const field = page.getByRole('textbox', { name: 'Name of the run' });
  await page.getByRole('button', { name: 'Rename' }).click();
  await field.fill('not-this');
  await field.press('Escape');
  await expect(page.getByRole('heading', { name: 'a-full-run' })).toBeVisible();
  await page.getByRole('button', { name: 'Rename' }).click();
  await field.fill('renamed / ünïcode');
  await field.press('Enter');
  await expect(page.getByRole('heading', { name: 'renamed / ünïcode' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rename' })).toBeFocused();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'renamed / ünïcode' })).toBeVisible();
});

test('tags are added, changed and removed', async ({ page, api }) => {
  const { run } = await fullRun(api, 'run/tags');
  await page.goto(`/runs/${run}`);
  const tags = section(page, 'Tags');
  await tags.getByRole('button', { name: 'Add a tag' }).click();
  const form = tags.getByRole('form', { name: 'Add a tag' });
  await form.getByLabel('Key', { exact: true }).fill('stage');
  await form.getByLabel('Value of stage').fill('draft');
  await form.getByLabel('Value of stage').press('Enter');
  const stage = tags.getByRole('listitem').filter({ hasText: 'stage' });
  await expect(stage).toContainText('draft');

  await stage.getByRole('button', { name: 'Edit stage' }).click();
  await tags.getByLabel('Value of stage').fill('final');
  await tags.getByRole('button', { name: 'Save' }).click();
  await expect(stage).toContainText('final');
  await page.reload();
  await expect(stage).toContainText('final');
  await stage.getByRole('button', { name: 'Remove stage' }).click();
  await expect(stage).toHaveCount(0);
  await page.reload();
  await expect(tags.getByRole('listitem').filter({ hasText: 'team' })).toContainText('vision');
  await expect(stage).toHaveCount(0);

  await tags.getByRole('button', { name: /Show \d+ system tags/ }).click();
  await expect(tags.getByText('mlflow.source.git.commit')).toBeVisible();
  await expect(tags.getByRole('button', { name: /Remove mlflow/ })).toHaveCount(0);
});

test('a note is written, previewed and kept', async ({ page, api }) => {
  const { run } = await fullRun(api, 'run/note');
  await page.goto(`/runs/${run}`);
  const note = section(page, 'Note');
  await note.getByRole('button', { name: 'Write a note' }).click();
  await note.getByRole('textbox').fill('# Result\n\nIt is **good**.');
  await note.getByRole('tab', { name: 'Preview' }).click();
  await expect(note.getByRole('heading', { name: 'Result' })).toBeVisible();
  await note.getByRole('button', { name: 'Save' }).click();
  await expect(note.getByRole('button', { name: 'Edit note' })).toBeVisible();
  await page.reload();
  await expect(note.locator('strong')).toHaveText('good');
  await note.getByRole('button', { name: 'Edit note' }).click();
  await note.getByRole('textbox').fill('changed');
  await page.keyboard.press('Control+Enter');
  await expect(note.getByText('changed')).toBeVisible();
  await expect(note.getByRole('textbox')).toHaveCount(0);
});

test('params as a tree and flat, searched and copied', async ({ page, api, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { run } = await fullRun(api, 'run/params');
  await page.goto(`/runs/${run}`);
  const params = section(page, 'Params');
  const rows = params.getByRole('row');
  await expect(params.getByRole('button', { name: /^optimizer/ })).toHaveAttribute('aria-expanded', 'true');
  await expect(params.getByRole('rowheader', { name: 'lr', exact: true })).toBeVisible();
  await params.getByRole('button', { name: /^optimizer/ }).click();
  await expect(params.getByRole('rowheader', { name: 'lr', exact: true })).toHaveCount(0);

  await params.getByRole('button', { name: 'Group by prefix' }).click();
  await expect(params.getByRole('rowheader', { name: 'optimizer.lr' })).toBeVisible();
  await expect(rows).toHaveCount(9);
  await page.reload();
  await expect(rows).toHaveCount(9);

  await params.getByLabel('Search params').fill('SGD');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('optimizer.name');
  await params.getByLabel('Search params').fill('nothing like it');
  await expect(params.getByText('No param has this in its key or value.')).toBeVisible();
  await params.getByLabel('Search params').fill('');

  await choose(page, params.getByRole('button', { name: 'Copy params' }), 'As YAML, nested');
  await expect.poll(() => clipboard(page)).toMatch(/optimizer:\n {2}/);
  await choose(page, params.getByRole('button', { name: 'Copy params' }), 'As JSON');
  await expect.poll(() => clipboard(page)).toMatch(/"optimizer.lr": "0.1"/);
  await rows.filter({ hasText: 'optimizer.lr' }).hover();
  await params.getByRole('button', { name: 'Copy optimizer.lr' }).click();
  await expect.poll(() => clipboard(page)).toBe('0.1');
});

test('metrics: last, least and greatest with their steps; the system apart', async ({ page, api }) => {
  const { run } = await fullRun(api, 'run/metrics');
  await page.goto(`/runs/${run}`);
  const table = page.getByRole('table', { name: 'Metrics' });
  const loss = table.getByRole('row').filter({ hasText: 'loss' });
  await expect(loss.getByRole('cell').nth(1)).toHaveText('12.25');
  await expect(loss.getByRole('cell').nth(2)).toHaveText('20');
  await expect(loss.getByRole('cell').nth(3)).toHaveText('0.25at 8');
  await expect(loss.getByRole('cell').nth(4)).toHaveText('12.25at 20');
  await expect(table.getByRole('button', { name: /^system/ })).toHaveAttribute('aria-expanded', 'false');
  await expect(section(page, 'System')).toContainText('42');
  await loss.getByRole('link', { name: 'loss' }).click();
  await expect(page.getByRole('heading', { name: 'val/loss' })).toBeVisible();
});

test('datasets and models', async ({ page, api }) => {
  const { experiment, run } = await fullRun(api, 'run/data');
  await api.call('POST', 'runs/log-inputs', {
    run_id: run,
    datasets: [
      {
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
        dataset: {
          name: 'iris',
          digest: 'abc123',
          source_type: 'http',
          source: JSON.stringify({ url: 'https://data.example.com/iris.csv' }),
          schema: JSON.stringify({
            mlflow_colspec: [{ type: 'double', name: 'petal', required: true }],
          }),
          profile: JSON.stringify({ num_rows: 150 }),
        },
      },
    ],
  });
  const { model } = await api.call<{ model: { info: { model_id: string } } }>('POST', 'logged-models', {
    experiment_id: experiment,
    name: 'classifier',
    source_run_id: run,
  });
  await api.call('POST', `runs/outputs`, {
    run_id: run,
    models: [{ model_id: model.info.model_id, step: 0 }],
  });
  await page.goto(`/runs/${run}`);
  const datasets = section(page, 'Datasets');
  await expect(datasets).toContainText('training');
  await expect(datasets).toContainText('150');
  await datasets.getByRole('button', { name: 'iris' }).click();
  const dialog = page.getByRole('dialog', { name: 'iris' });
  await expect(dialog).toContainText('abc123');
  await expect(dialog.getByRole('region', { name: 'Schema' })).toContainText('petal');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(section(page, 'Models').getByRole('link', { name: 'classifier' })).toBeVisible();
});

test('deleted and restored', async ({ page, api }) => {
  const { run } = await fullRun(api, 'run/delete');
  await page.goto(`/runs/${run}`);
  const more = page.getByRole('button', { name: 'More actions', exact: true });
  await choose(page, more, 'Delete');
  const banner = page.getByText('This run is deleted.');
  await expect(banner).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rename' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Add a tag' })).toHaveCount(0);
  await page.reload();
  await expect(banner).toBeVisible();
  await page.getByRole('button', { name: 'Restore' }).click();
  await expect(banner).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Rename' })).toBeVisible();
});

test('children and their children', async ({ page, api }) => {
  const experiment = await api.experiment('run/children');
  const parent = await api.run(experiment, 'parent');
  const child = async (of: string, name: string, lr: string) =>
    api.run(experiment, name, {
      params: { lr, same: '1' },
      tags: { 'mlflow.parentRunId': of },
      metrics: [{ key: 'loss', value: Number(lr) * 2, step: 0, timestamp: 1 }],
    });
  const first = await child(parent, 'child-1', '0.1');
  await child(parent, 'child-2', '0.2');
  await child(first, 'grandchild', '0.3');
  await page.goto(`/runs/${parent}`);
  await page.getByRole('link', { name: /^Children\s*2$/ }).click();
  const table = page.getByRole('region', { name: 'Children' }).getByRole('table');
  // Only what differs is a column.
  await expect(table.getByRole('columnheader')).toHaveText([
    'Run',
    'Status',
    'Started',
    'Duration',
    'loss',
    'lr',
  ]);
  await expect(table.getByRole('row')).toHaveCount(3);
  await table.getByRole('button', { name: 'Children of child-1' }).click();
  await expect(table.getByRole('link', { name: 'grandchild' })).toBeVisible();
  await table.getByRole('button', { name: 'Children of child-2' }).click();
  await expect(table.getByText('child-2 has no children.')).toBeVisible();
  await table.getByRole('link', { name: 'grandchild' }).click();
  await expect(page.locator('dl').getByRole('link', { name: 'child-1' })).toBeVisible();
  await page.goBack();
  await page.getByRole('link', { name: 'Compare all' }).click();
  await expect(page.getByRole('heading', { name: 'Compare 2 runs' })).toBeVisible();
});

test('the raw run, and how programs get it', async ({ page, api, request, demo }) => {
  const { run } = await fullRun(api, 'run/raw');
  await page.goto(`/runs/${run}/raw`);
  await expect(page.getByRole('region', { name: 'The run as JSON' })).toContainText('a-full-run');
  await expect(page.getByRole('region', { name: 'Python', exact: true }).first()).toContainText(run);
  const curl = (await page.getByRole('region', { name: 'curl', exact: true }).first().textContent()) ?? '';
  // It is an address of this server that answers with this run.
  const address = new RegExp(`${demo.url}[^'"\\s]+`).exec(curl)?.[0] ?? '';
  const answer = await request.get(address);
  expect(await answer.text()).toContain('a-full-run');
});

test('numbers lead to the tabs', async ({ page, api }) => {
  const { run } = await fullRun(api, 'run/tabs');
  await page.goto(`/runs/${run}`);
  await expect(page.getByRole('heading', { name: 'a-full-run' })).toBeVisible();
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/\/charts$/);
  await page.keyboard.press('3');
  await expect(page).toHaveURL(/\/artifacts$/);
  await expect(page.getByText('No artifacts')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page).toHaveURL(new RegExp(`/runs/${run}$`));
});
