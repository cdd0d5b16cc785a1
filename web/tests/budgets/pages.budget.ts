/** What visiting each page costs, against section 2 of the specification of the pages. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../support/api';
import { Server } from '../support/server';
import { responseMs } from './interaction';
import { Budgets, median, middle, print } from './table';

interface Visited {
  name: string;
  path: string;
  /** What is named in the table of budgets. */
  content: string;
  /** ms; `null`: no time is promised for it. */
  limit: number | null;
}

async function pagesOf(api: Api): Promise<Visited[]> {
  const experiment = await api.experimentId('vision/resnet');
  const found = await api.call<{ runs: { info: { run_id: string } }[] }>('POST', 'runs/search', {
    experiment_ids: [experiment],
    filter: "attributes.status = 'FINISHED'",
    max_results: 3,
  });
  const running = await api.call<{ runs?: { info: { run_id: string } }[] }>('POST', 'runs/search', {
    experiment_ids: [experiment],
    filter: "attributes.status = 'RUNNING'",
    max_results: 1,
  });
  const ids = found.runs.map(({ info }) => info.run_id);
  const run = `/runs/${ids[0]}`;
  const live = running.runs?.[0]?.info.run_id;
  return [
    { name: 'experiments', path: '/', content: 'main a[href*="/experiments/"]', limit: 600 },
    { name: 'runs', path: `/experiments/${experiment}`, content: '[role="grid"] a', limit: 800 },
    { name: 'run', path: run, content: 'main h1', limit: 800 },
    ...(live ? [{ name: 'run, running', path: `/runs/${live}`, content: 'main h1', limit: 800 }] : []),
    {
      name: 'charts',
      path: `/experiments/${experiment}/charts`,
      content: '.plot-lines',
      limit: null,
    },
    { name: 'run charts', path: `${run}/charts`, content: '.plot-lines', limit: null },
    { name: 'artifacts', path: `${run}/artifacts`, content: '[role="treeitem"]', limit: null },
    { name: 'metric', path: `/metric?runs=${ids[0]}&key=lr`, content: '.plot-lines', limit: null },
    { name: 'compare', path: `/compare?runs=${ids.join(',')}`, content: '[role="grid"] a', limit: null },
    { name: 'settings', path: '/settings', content: 'main h1', limit: null },
  ];
}

test('pages', async ({ browser }) => {
  const budgets = new Budgets();
  const server = await Server.start();
  try {
    await server.demo();
    for (const { name, path, content, limit } of await pagesOf(new Api(server.url))) {
      const cost = await middle(browser, server.url + path, content);
      if (limit !== null) budgets.judge(`${name}: content`, cost.contentMs, limit, 'ms');
      budgets.judge(`${name}: blocked`, cost.blockedMs, 150, 'ms');
      budgets.judge(`${name}: initial JS (gzip)`, cost.scriptBytes / 1000, 150, 'kB');
      budgets.judge(`${name}: requests`, cost.requests, 12, '');
      budgets.judge(`${name}: API calls`, cost.apiCalls, 4, '');
      budgets.judge(`${name}: nodes`, cost.domNodes, 3000, '');
      if (name === 'settings') budgets.judge('CSS (gzip)', cost.styleBytes / 1000, 20, 'kB');
      if (name === 'settings') budgets.judge('shell alone, JS (gzip)', cost.shellBytes / 1000, 110, 'kB');
      if (limit === null) continue;
      const slow = await middle(browser, server.url + path, content, { megabits: 20, latencyMs: 40 });
      budgets.judge(`${name}: content at 20 Mbit/s, 40 ms`, slow.contentMs, 1200, 'ms');
    }
  } finally {
    await server.remove();
    budgets.finish('Pages');
  }
});

test('from page to page', async ({ page }) => {
  const budgets = new Budgets();
  const server = await Server.start();
  try {
    await server.demo();
    const api = new Api(server.url);
    const hasGrid = (name: string) =>
      document.querySelector('main h1')?.textContent === name &&
      document.querySelector('[role="grid"] a[href*="/runs/"]') !== null;
    const experiments = ['vision/resnet', 'tabular/churn', 'forecasting/energy', 'vision/detection/yolo'];
    const times: Record<string, number[]> = { experiments: [], runs: [], run: [] };
    await page.goto(server.url);
    for (const [visit, name] of experiments.entries()) {
      const id = await api.experimentId(name);
      const opened = await responseMs(
        page,
        () => page.locator(`main a[href$="/experiments/${id}"]`).first().click(),
        hasGrid,
        name,
      );
      const run = page.locator('[role="grid"] a[href*="/runs/"]').nth(2);
      const runName = (await run.textContent()) ?? '';
      const openedRun = await responseMs(
        page,
        () => run.click(),
        (named) => document.querySelector('main h1')?.textContent.includes(named) ?? false,
        runName,
      );
      await page.goBack();
      await page.locator('[role="grid"] a').first().waitFor();
      const back = await responseMs(
        page,
        () =>
          page
            .getByRole('navigation', { name: 'Main' })
            .getByRole('link', { name: 'Experiments', exact: true })
            .click(),
        () => document.querySelector('main a[href*="/experiments/"] ') !== null && location.pathname === '/',
        null,
      );
      // At first the files of a page come too.
      if (visit === 0) continue;
      times.runs?.push(opened);
      times.run?.push(openedRun);
      times.experiments?.push(back);
    }
    for (const [name, measured] of Object.entries(times))
      budgets.judge(`to ${name}, from another page`, median(measured), 150, 'ms');
  } finally {
    await server.remove();
    budgets.finish('From page to page');
  }
});

test('MLflow’s pages, for comparison', async ({ browser }) => {
  const mlflow = process.env.OXFLOW_BUDGETS_MLFLOW;
  test.skip(!mlflow, 'make web-budgets MLFLOW=1 measures them');
  const server = await Server.start();
  const folder = mkdtempSync(join(tmpdir(), 'oxflow-budgets.'));
  let running: ChildProcess | null = null;
  try {
    await server.demo();
    const experiment = await new Api(server.url).experimentId('vision/resnet');
    await server.stop();
    running = spawn(
      mlflow ?? '',
      [
        'server',
        '--port',
        '5987',
        '--workers',
        '1',
        '--backend-store-uri',
        `sqlite:///${join(server.folder, 'mlflow.db')}`,
      ],
      { cwd: folder, stdio: 'ignore' },
    );
    const url = 'http://127.0.0.1:5987';
    await expect(async () => expect((await fetch(`${url}/health`)).ok).toBe(true)).toPass({
      timeout: 120_000,
    });
    const costs = [
      ['experiments', await middle(browser, `${url}/#/experiments`, 'a[href*="/experiments/"]')],
      ['runs', await middle(browser, `${url}/#/experiments/${experiment}/runs`, 'a[href*="/runs/"]')],
    ] as const;
    print(
      'MLflow 3.17.2, the same database',
      ['page', 'content', 'blocked', 'scripts', 'requests', 'API calls'],
      costs.map(([name, cost]) => [
        name,
        `${cost.contentMs.toFixed(0)} ms`,
        `${cost.blockedMs.toFixed(0)} ms`,
        `${(cost.scriptBytes / 1000).toFixed(0)} kB`,
        String(cost.requests),
        String(cost.apiCalls),
      ]),
    );
  } finally {
    running?.kill();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
