/** The files of a run. */

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, Route } from '@playwright/test';
import type { Api } from '../support/api';
import { choose, saved } from '../support/charts';
import { png, zipNames } from '../support/files';
import type { Server } from '../support/server';
import { expect, expectAccessible, test } from '../support/test';

const HTML = `<!doctype html><title>report</title><p id="out">before the script</p><script>
  const told = ['script ran'];
  for (const [name, act] of [
    ['parent', () => parent.document.title],
    ['storage', () => localStorage.length],
    ['cookie', () => document.cookie],
  ]) try { act(); told.push(name + ' reached'); } catch { told.push(name + ' refused'); }
  fetch('/api/2.0/mlflow/experiments/search?max_results=1')
    .then(() => told.push('network reached'), () => told.push('network refused'))
    .finally(() => { document.getElementById('out').textContent = told.join(', '); });
</script>`;

const MLMODEL = `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.pkl
  sklearn:
    pickled_model: model.pkl
    sklearn_version: 1.5.0
mlflow_version: 3.1.0
model_size_bytes: 2048
signature:
  inputs: '[{"type": "double", "name": "petal", "required": true}]'
  outputs: '[{"type": "long", "name": "species", "required": true}]'
`;

async function runWith(api: Api, name: string, files: Record<string, string | Uint8Array>) {
  const experiment = await api.experiment(name);
  const run = await api.run(experiment, 'with-files');
  for (const [path, content] of Object.entries(files)) await api.upload(experiment, run, path, content);
  return { experiment, run };
}

const tree = (page: Page) => page.getByRole('tree', { name: 'Artifacts' });
const item = (page: Page, name: string) =>
  tree(page)
    .getByRole('treeitem')
    .filter({ has: page.getByText(name, { exact: true }) });

test('the tree leads to files, by pointer and by keys', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/tree', {
    'a.txt': 'first file',
    'deep/er/b.txt': 'far down',
    'deep/c.txt': 'half way',
  });
  await page.goto(`/runs/${run}/artifacts`);
  await expect(tree(page).getByRole('treeitem')).toHaveCount(2);
  await item(page, 'deep').click();
  await expect(item(page, 'deep')).toHaveAttribute('aria-expanded', 'true');
  await item(page, 'er').click();
  await item(page, 'b.txt').click();
  await expect(page.getByText('far down')).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(`/runs/${run}/artifacts/deep/er/b.txt`);

  // The address alone opens the way.
  await page.reload();
  await expect(page.getByText('far down')).toBeVisible();
  await expect(item(page, 'b.txt')).toHaveAttribute('aria-selected', 'true');

  await tree(page).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.type('a.');
  await page.keyboard.press('Enter');
  await expect(page.getByText('first file')).toBeVisible();

  await page.getByLabel('Filter files by name').fill('c.t');
  await expect(item(page, 'c.txt')).toBeVisible();
  await expect(item(page, 'a.txt')).toHaveCount(0);
});

test('a table is sorted and filtered', async ({ page, api }) => {
  const rows = Array.from({ length: 500 }, (_, i) => `name-${i},${(i * 37) % 500},"quoted, ${i}"`);
  const { run } = await runWith(api, 'artifacts/csv', {
    'table.csv': ['name,value,note', ...rows].join('\n'),
  });
  await page.goto(`/runs/${run}/artifacts/table.csv`);
  const grid = page.getByRole('grid', { name: 'table.csv' });
  await expect(grid).toHaveAttribute('aria-rowcount', '501');
  await expect(page.getByText('500 rows · 3 columns')).toBeVisible();
  const value = grid.getByRole('columnheader', { name: /^value/ });
  await value.getByRole('button').click();
  await expect(value).toHaveAttribute('aria-sort', 'ascending');
  await value.getByRole('button').click();
  await expect(value).toHaveAttribute('aria-sort', 'descending');
  // As numbers: 499 is greater than 99.
  await expect(grid.getByRole('row').nth(1)).toContainText('499');
  await page.getByLabel('Filter rows').fill('name-49');
  await expect(page.getByText('11 of 500 rows')).toBeVisible();
  await expect(grid).toHaveAttribute('aria-rowcount', '12');
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  await expect(page.getByText('name-0,0,"quoted, 0"')).toBeVisible();
});

test('pictures, JSON, Markdown and code', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/kinds', {
    'picture.png': png(64, 32),
    'data.json': JSON.stringify({
      outer: { inner: [1, 2, { leaf: 'found me' }] },
      big: 12345678901234567890n.toString(),
    }),
    'readme.md': '# Title of it\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![p](picture.png)',
    'train.py': 'def train(epochs: int) -> None:\n    return "trained"\n',
    'conf.yaml': 'optimizer:\n  name: sgd\n',
  });
  await page.goto(`/runs/${run}/artifacts/picture.png`);
  await expect(page.getByText('64 × 32 px')).toBeVisible();
  await page.getByRole('button', { name: '100 %' }).click();
  await expect(page.getByRole('img', { name: 'picture.png' })).toHaveCSS('width', '64px');

  await item(page, 'data.json').click();
  const json = page.getByRole('region', { name: 'data.json' });
  await expect(json).toContainText('outer');
  await expect(json).toContainText('12345678901234567890');
  await page.getByRole('button', { name: 'Source', exact: true }).click();
  await expect(page.getByText('found me')).toBeVisible();

  await item(page, 'readme.md').click();
  await expect(page.getByRole('heading', { name: 'Title of it' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('table')).toContainText('1');
  await page.getByRole('button', { name: 'Source', exact: true }).click();
  await expect(page.getByText('# Title of it')).toBeVisible();

  await item(page, 'train.py').click();
  const text = page.getByRole('region', { name: 'Text' });
  await expect(text).toContainText('def train(epochs: int)');
  await expect(text.locator('.code-keyword').first()).toHaveText('def');
  await item(page, 'conf.yaml').click();
  await expect(text.locator('.code-attr').first()).toHaveText('optimizer:');
  await expectAccessible(page);

  // From file to file.
  await page.keyboard.press(']');
  await expect(page).toHaveURL(/data\.json$/);
});

test('a page runs its script, and reaches nothing', async ({ page, api, watched }) => {
  const { run } = await runWith(api, 'artifacts/html', { 'report.html': HTML });
  await page.goto(`/runs/${run}/artifacts/report.html`);
  const frame = page.locator('iframe[title="report.html"]');
  await expect(frame).toHaveAttribute('sandbox', 'allow-scripts');
  const told = frame.contentFrame().locator('#out');
  await expect(told).toHaveText(
    'script ran, parent refused, storage refused, cookie refused, network refused',
  );
  // The refusal of the network is told on the console of the page: that is what is meant to happen.
  const refused = watched.misdeeds.splice(0);
  expect(refused.length).toBeGreaterThan(0);
  for (const one of refused) expect(one).toMatch(/connect-src|Refused to connect|violates/);

  // In a tab of its own it has no more rights: there it stands in a frame again, which cannot leave.
  await page.goto((await frame.getAttribute('src')) ?? '');
  const alone = page.locator('iframe').contentFrame().locator('#out');
  await expect(alone).toContainText('storage refused, cookie refused, network refused');
  watched.misdeeds.splice(0);
});

test('a model says what it takes and how to load it', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/model', {
    'model/MLmodel': MLMODEL,
    'model/model.pkl': new Uint8Array(2048),
  });
  await page.goto(`/runs/${run}/artifacts/model`);
  const card = page.getByRole('region', { name: 'Model', exact: true });
  await expect(card).toContainText('sklearn');
  await expect(card.getByRole('table', { name: 'Inputs (1)' })).toContainText('petal');
  await expect(card.getByRole('table', { name: 'Outputs (1)' })).toContainText('species');
  await expect(card).toContainText(`runs:/${run}/model`);
  await expect(card).toContainText('load_model');
  await card.getByText('MLmodel', { exact: true }).click();
  await expect(card).toContainText('loader_module: mlflow.sklearn');
});

test('unknown bytes are shown as such, and unknown text as text', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/binary', {
    'weights.xyz': new Uint8Array(Array.from({ length: 5000 }, (_, i) => i % 256)),
    'plain.xyz': 'just words',
    'broken.png': 'no picture',
    'empty.txt': '',
  });
  await page.goto(`/runs/${run}/artifacts/weights.xyz`);
  await expect(page.getByLabel('The first bytes')).toContainText('00 01 02 03');
  await expect(page.getByText('(5,000 bytes)')).toBeVisible();
  await item(page, 'plain.xyz').click();
  await expect(page.getByText('just words')).toBeVisible();
  await item(page, 'broken.png').click();
  await expect(page.getByText('This is not an image that the browser can show')).toBeVisible();
  await page.goto(`/runs/${run}/artifacts/not-there.txt`);
  await expect(page.getByRole('alert')).toContainText('not-there.txt');
});

test('files are uploaded into the folder, and deleted', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/upload', { 'folder/first.txt': '1' });
  await page.goto(`/runs/${run}/artifacts/folder`);
  await expect(item(page, 'first.txt')).toBeVisible();
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload' }).click();
  await (
    await choosing
  ).setFiles([
    { name: 'new one.txt', mimeType: 'text/plain', buffer: Buffer.from('uploaded by hand') },
    { name: 'two.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(3_000_000, 7) },
  ]);
  await expect(page.getByRole('heading', { name: 'Uploads: 2 of 2' })).toBeVisible();
  await item(page, 'new one.txt').click();
  await expect(page.getByText('uploaded by hand')).toBeVisible();

  await choose(page, page.getByRole('button', { name: 'More actions for this artifact' }), 'Delete the file');
  const dialog = page.getByRole('dialog', { name: 'Delete this file?' });
  await expect(dialog).toContainText('folder/new one.txt');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(item(page, 'new one.txt')).toHaveCount(0);
  await expect(item(page, 'two.bin')).toBeVisible();
  await expect(page).toHaveURL(/artifacts\/folder$/);
});

type Chosen = Parameters<Awaited<ReturnType<typeof chooser>>['setFiles']>[0];

async function chooser(page: Page) {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  return choosing;
}

const upload = async (page: Page, files: Chosen) => (await chooser(page)).setFiles(files);

const textFile = (name: string, text: string) => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(text),
});

/** Keeps uploads on their way until the test lets them go on. */
async function held(page: Page): Promise<Route[]> {
  const routes: Route[] = [];
  await page.route('**/mlflow-artifacts/artifacts/**', (route) => {
    if (route.request().method() === 'PUT') routes.push(route);
    else void route.continue();
  });
  return routes;
}

test('a large file goes through the server’s proxy, whatever the folder is called', async ({
  page,
  api,
  demo,
}) => {
  test.setTimeout(60_000);
  const size = 64 * 1024 * 1024;
  const folder = mkdtempSync(join(tmpdir(), 'oxflow-upload.'));
  try {
    const local = join(folder, 'weights 100%.bin');
    writeFileSync(local, 'weights');
    truncateSync(local, size);
    const { experiment, run } = await runWith(api, 'artifacts/large', { 'odd % folder/first.txt': '1' });
    await page.goto(`/runs/${run}/artifacts/${encodeURIComponent('odd % folder')}`);
    await upload(page, local);
    await expect(page.getByRole('heading', { name: 'Uploads: 1 of 1' })).toBeVisible({ timeout: 40_000 });
    const stored = join(demo.folder, 'artifacts', experiment, run, 'artifacts', 'odd % folder');
    expect(statSync(join(stored, 'weights 100%.bin')).size).toBe(size);
    await expect(item(page, 'weights 100%.bin')).toContainText('64 MiB');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a run’s own location is read as the server reads it', async ({ page, api, demo }) => {
  const made = await api.call<{ experiment_id: string }>('POST', 'experiments/create', {
    name: 'artifacts/encoded',
    artifact_location: 'mlflow-artifacts:/team%20a/of-ui',
  });
  const run = await api.run(made.experiment_id, 'encoded');
  await page.goto(`/runs/${run}/artifacts`);
  await upload(page, [textFile('a.txt', 'in its place')]);
  await item(page, 'a.txt').click();
  await expect(page.getByText('in its place')).toBeVisible();
  expect(existsSync(join(demo.folder, 'artifacts', 'team a', 'of-ui', run, 'artifacts', 'a.txt'))).toBe(true);
});

test('an upload is cancelled, and the next one goes on', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/cancel', {});
  const routes = await held(page);
  await page.goto(`/runs/${run}/artifacts`);
  await upload(page, [textFile('first.txt', 'first'), textFile('second.txt', 'second')]);
  await expect(page.getByRole('progressbar', { name: 'Upload of first.txt' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel first.txt' }).click();
  await expect(page.getByRole('progressbar', { name: 'Upload of second.txt' })).toBeVisible();
  await expect.poll(() => routes.length).toBe(2);
  await routes[1]?.continue();
  await expect(page.getByRole('heading', { name: 'Uploads: 1 of 1' })).toBeVisible();
  await expect(item(page, 'second.txt')).toBeVisible();
  await expect(item(page, 'first.txt')).toHaveCount(0);
});

test('an upload goes on when the reader goes to another page', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/leave', { 'there.txt': '1' });
  const routes = await held(page);
  await page.goto(`/runs/${run}/artifacts`);
  await upload(page, [textFile('one.txt', 'one'), textFile('two.txt', 'two')]);
  await expect.poll(() => routes.length).toBe(1);
  await page.getByRole('link', { name: 'Overview' }).click();
  const transfer = page.getByRole('article', { name: 'Uploading 2 files' });
  await expect(transfer).toContainText('of 6 B');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Artifacts', exact: true }).click();
  await expect(page.getByRole('progressbar', { name: 'Upload of one.txt' })).toBeVisible();
  await expect(transfer).toHaveCount(0);

  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(transfer).toBeVisible();
  await routes[0]?.continue();
  await expect.poll(() => routes.length).toBe(2);
  await routes[1]?.continue();
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('The upload is done.');
  await expect(transfer).toHaveCount(0);
  await page.getByRole('link', { name: 'Artifacts', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Uploads: 2 of 2' })).toBeVisible();
  await item(page, 'two.txt').click();
  await expect(page.getByText('two', { exact: true })).toBeVisible();
});

test('a large file for another store stays, and the page says why', async ({ page, api, watched }) => {
  // This server reaches no such store.
  watched.mayFail.push(/artifacts\/list/);
  const location = 's3://bucket-of-others/runs';
  const made = await api.call<{ experiment_id: string }>('POST', 'experiments/create', {
    name: 'artifacts/elsewhere',
    artifact_location: location,
  });
  const run = await api.run(made.experiment_id, 'elsewhere');
  await page.goto(`/runs/${run}/artifacts`);
  await upload(page, [
    { name: 'big.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(11 * 1024 * 1024) },
  ]);
  const uploads = page.getByRole('region', { name: 'Uploads' });
  await expect(uploads.getByRole('alert')).toContainText('The file has 11 MiB');
  await expect(uploads.getByRole('alert')).toContainText(`${location}/${run}/artifacts`);
  await expect(uploads.getByRole('alert')).toContainText('mlflow.log_artifact');
});

test('the checksum of a file is shown, if it is known, and copied whole', async ({
  page,
  api,
  demo,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const content = 'a,b\n1,2\n';
  const sum = createHash('sha256').update(content).digest('hex');
  const { experiment, run } = await runWith(api, 'artifacts/checksum', {
    'known.csv': content,
    'unknown.csv': content,
  });
  // Who writes beside the server makes it unknown.
  appendFileSync(join(demo.folder, 'artifacts', experiment, run, 'artifacts', 'unknown.csv'), '3,4\n');
  await page.goto(`/runs/${run}/artifacts/known.csv`);
  const shown = page.getByRole('group', { name: 'Checksum' });
  await expect(shown).toContainText(`SHA-256${sum.slice(0, 12)}`);
  await expect(shown.getByTitle(sum)).toBeVisible();
  await expectAccessible(page);
  const button = shown.getByRole('button', { name: 'Copy the SHA-256' });
  await button.focus();
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(sum);

  const asked = page.waitForResponse(/artifacts\/head\?.*unknown/);
  await item(page, 'unknown.csv').click();
  await asked;
  await expect(page.getByRole('grid', { name: 'unknown.csv' })).toBeVisible();
  await expect(shown).toHaveCount(0);
});

test('a file and a folder are downloaded', async ({ page, api }) => {
  const { run } = await runWith(api, 'artifacts/download', {
    'out/one.txt': 'content one',
    'out/sub/two.txt': 'content two',
  });
  await page.goto(`/runs/${run}/artifacts/out/one.txt`);
  const file = await saved(page, () => page.getByRole('link', { name: 'Download', exact: true }).click());
  expect(file.name).toBe('one.txt');
  expect(file.bytes.toString()).toBe('content one');
  await page.goto(`/runs/${run}/artifacts/out`);
  const zip = await saved(page, () => page.getByRole('link', { name: 'Download all' }).click());
  expect(zip.name).toBe('out.zip');
  expect(zipNames(zip.bytes).map((name) => name.replace(/^out\//, ''))).toEqual(['one.txt', 'sub/two.txt']);
});

test('2,000 files in a folder are scrolled', async ({ page, api }) => {
  const { experiment, run } = await runWith(api, 'artifacts/many', {});
  let next = 0;
  const worker = async () => {
    while (next < 2000) {
      const name = `many/file-${String(next).padStart(4, '0')}.txt`;
      next += 1;
      await api.upload(experiment, run, name, name);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await page.goto(`/runs/${run}/artifacts/many`);
  await expect(page.getByText('2,000 entries')).toBeVisible();
  await expect(item(page, 'file-0000.txt')).toBeVisible();
  // Only those in sight exist.
  expect(await tree(page).getByRole('treeitem').count()).toBeLessThan(120);
  await tree(page).focus();
  await page.keyboard.press('End');
  await expect(item(page, 'file-1999.txt')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/file-1999\.txt$/);
  await expect(page.getByRole('region', { name: 'Text' })).toContainText('many/file-1999.txt');
});

/** A run with a folder of so many files, which nobody has uploaded: they are made where the server keeps them. */
async function runWithMany(
  api: Api,
  demo: Server,
  name: string,
  count: number,
  nameAt: (i: number) => string,
) {
  const { experiment, run } = await runWith(api, name, {});
  const folder = join(demo.folder, 'artifacts', experiment, run, 'artifacts', 'many');
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i += 1) writeFileSync(join(folder, nameAt(i)), `content ${i}`);
  return { run, folder };
}

/** What is asked of the list of a folder, as it is asked. */
function listings(page: Page): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith('artifacts/list') && searchParams.get('path') === 'many') asked.push(searchParams);
  });
  return asked;
}

test('a large folder is read page by page, and to its end when the reader wants it', async ({
  page,
  api,
  demo,
}) => {
  test.setTimeout(60_000);
  const { run } = await runWithMany(api, demo, 'artifacts/large-folder', 23_000, (i) => `f-${i}.txt`);
  const asked = listings(page);
  await page.goto(`/runs/${run}/artifacts/many`);
  const entries = page.getByRole('region', { name: 'Entries' });
  await expect(entries).toContainText('The first 10,000 entries, files of');
  await expect(entries).toContainText('There are more.');
  expect(asked.map((one) => one.get('max_results'))).toEqual(['1000', '9000']);
  await expectAccessible(page);

  // Nothing is said of files that nobody has looked at.
  await page.getByLabel('Filter files by name').fill('f-22999.txt');
  await expect(page.getByText('No file of this name among those that have been read.')).toBeVisible();
  const rest = tree(page).getByRole('treeitem', { name: 'The first 10,000 entries of many' });
  await rest.click();
  await expect(tree(page).getByRole('treeitem', { name: 'The first 20,000 entries of many' })).toBeVisible();
  await page.getByLabel('Filter files by name').fill('');

  // By the keyboard alone: the focus stays on the button, and goes to the list when there is no more.
  await page.getByRole('button', { name: 'Show all' }).focus();
  await page.keyboard.press('Enter');
  await expect(entries).toContainText('23,000 entries, files of');
  await expect(page.locator('#announcements')).toHaveText('23,000 entries');
  await expect(entries.locator('[tabindex="-1"]')).toBeFocused();
  expect(asked.map((one) => one.get('max_results'))).toEqual(['1000', '9000', '10000', '10000']);
  await tree(page).focus();
  await page.keyboard.press('End');
  // By their numbers, although the store has f-22999 in front of f-3.
  await expect(item(page, 'f-22999.txt')).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/f-22998\.txt$/);
  await expect(page.getByRole('region', { name: 'Text' })).toContainText('content 22998');
  expect(await page.locator('*').count()).toBeLessThan(1_500);
});

test('more of a folder is read from the tree by the keyboard, and the place in it stays', async ({
  page,
  api,
  demo,
}) => {
  const { run } = await runWithMany(api, demo, 'artifacts/more-by-keys', 12_000, (i) => `f-${i}.txt`);
  await page.goto(`/runs/${run}/artifacts/many`);
  await tree(page).focus();
  const more = tree(page).getByRole('treeitem', {
    name: 'The first 10,000 entries of many. Show 10,000 more',
  });
  await expect(page.getByRole('region', { name: 'Entries' })).toContainText('There are more.');
  await page.keyboard.press('End');
  await expect(more).toBeVisible();
  const active = tree(page).locator('[data-active]');
  await expect(active).toContainText('The first 10,000 entries');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Entries' })).toContainText('12,000 entries');
  await expect(more).toHaveCount(0);
  await expect(tree(page)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(active).toHaveText(/^f-11998\.txt/);
});

test('the rows that the reader looks at stay when others come in above them', async ({ page, api, demo }) => {
  const { run, folder } = await runWithMany(api, demo, 'artifacts/steady', 20_000, (i) => `f-${i}.txt`);
  // The last of the store, and the first that is shown.
  mkdirSync(join(folder, 'z-folder'));
  await page.goto(`/runs/${run}/artifacts/many`);
  const entries = page.getByRole('region', { name: 'Entries' });
  await expect(entries).toContainText('There are more.');
  const topRow = (list: Element) => {
    const { left, top } = list.getBoundingClientRect();
    return document.elementFromPoint(left + 60, top + 12)?.textContent ?? '';
  };
  const scrolled = [tree(page), entries.getByRole('list').locator('..')];
  const before: string[] = [];
  for (const one of scrolled) {
    await one.evaluate((list) => (list.scrollTop = 100_000));
    await expect.poll(() => one.evaluate(topRow)).toMatch(/^f-1\d\d\d\d/);
    before.push(await one.evaluate(topRow));
  }
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(entries).toContainText('20,001 entries');
  for (const [i, one] of scrolled.entries()) await expect.poll(() => one.evaluate(topRow)).toBe(before[i]);
});

test('a file far behind in a large folder is opened by its address', async ({ page, api, demo, watched }) => {
  const { run } = await runWithMany(api, demo, 'artifacts/far-behind', 12_000, (i) => `f-${i}.txt`);
  await page.goto(`/runs/${run}/artifacts/many/f-9999.txt`);
  await expect(page.getByRole('region', { name: 'Text' })).toContainText('content 9999');
  watched.mayFail.push(/artifacts\/head/);
  await page.goto(`/runs/${run}/artifacts/many/g.txt`);
  await expect(page.getByRole('alert')).toContainText('There is no artifact “many/g.txt”');
  // One whose place has been read does not need to be asked for.
  const heads: string[] = [];
  page.on('request', (request) => request.url().includes('artifacts/head') && heads.push(request.url()));
  await page.goto(`/runs/${run}/artifacts/many/a.txt`);
  await expect(page.getByRole('alert')).toContainText('There is no artifact “many/a.txt”');
  expect(heads).toEqual([]);
});

test('all images of a run that logged thousands of steps are found', async ({ page, api, demo }) => {
  const { experiment, run } = await runWith(api, 'artifacts/many-images', {});
  const folder = join(demo.folder, 'artifacts', experiment, run, 'artifacts', 'images');
  mkdirSync(folder, { recursive: true });
  const picture = png(4, 4);
  for (let step = 0; step < 6_000; step += 1) {
    const name = `samples+step+${step}+timestamp+${1_700_000_000_000 + step}+id-${step}`;
    writeFileSync(join(folder, `${name}.png`), picture);
    writeFileSync(join(folder, `${name}+compressed.webp`), picture);
  }
  await page.goto(`/runs/${run}/artifacts/images`);
  const steps = page.getByRole('slider', { name: 'Step of samples' });
  await expect(steps).toHaveAttribute('max', '5999');
  await expect(steps).toHaveAttribute('aria-valuetext', 'step 5999');
  await expect(page.getByRole('region', { name: 'Entries' })).toContainText('12,000 entries');
});

test('what is uploaded into a large folder and deleted from it is shown', async ({ page, api, demo }) => {
  const { run } = await runWithMany(api, demo, 'artifacts/large-changes', 12_000, (i) => `f-${i}.txt`);
  await page.goto(`/runs/${run}/artifacts/many`);
  const entries = page.getByRole('region', { name: 'Entries' });
  await expect(entries).toContainText('The first 10,000 entries');
  // In front of all others when sorted, and behind what has been read in the store.
  await upload(page, [textFile('zz-new.txt', 'new'), textFile('a-new.txt', 'first')]);
  await expect(page.getByRole('heading', { name: 'Uploads: 2 of 2' })).toBeVisible();
  await expect(item(page, 'a-new.txt')).toBeVisible();
  await page.getByLabel('Filter files by name').fill('-new');
  await item(page, 'a-new.txt').click();
  await choose(page, page.getByRole('button', { name: 'More actions for this artifact' }), 'Delete the file');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(item(page, 'a-new.txt')).toHaveCount(0);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(entries).toContainText('12,001 entries');
  await expect(item(page, 'zz-new.txt')).toBeVisible();
});

test('names that addresses find hard', async ({ page, api }) => {
  const names = ['with space.txt', '100%.txt', 'a%20b.txt', 'ünï😀.txt', 'quote\'".txt', 'a+b&c=d.txt'];
  const { run } = await runWith(
    api,
    'artifacts/names',
    Object.fromEntries(names.map((name) => [`odd % folder/${name}`, `content of ${name}`])),
  );
  await page.goto(`/runs/${run}/artifacts`);
  await item(page, 'odd % folder').click();
  for (const name of names) {
    await item(page, name).click();
    await expect(page.getByText(`content of ${name}`, { exact: true })).toBeVisible();
    await page.reload();
    await expect(page.getByText(`content of ${name}`, { exact: true })).toBeVisible();
    const { bytes } = await saved(page, () =>
      page.getByRole('link', { name: 'Download', exact: true }).click(),
    );
    expect(bytes.toString()).toBe(`content of ${name}`);
  }
});
