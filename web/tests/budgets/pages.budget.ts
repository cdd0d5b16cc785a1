/** The budgets of the pages: a table of what each costs, and a failure if one is exceeded. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, test } from '@playwright/test';
import { Api } from '../support/api';
import { Server } from '../support/server';
import { type Cost, percentile, probe, scrollFrames } from './probe';

/** Measured values beside what they may be. */
interface Row {
  what: string;
  measured: string;
  budget: string;
  isMet: boolean;
}

const rows: Row[] = [];

function judge(what: string, value: number, limit: number, unit: string, isAtLeast = false) {
  const isMet = isAtLeast ? value >= limit : value <= limit;
  const shown = (one: number) => `${Number(one.toFixed(one < 10 ? 2 : 0)).toLocaleString('en-US')} ${unit}`;
  rows.push({ what, measured: shown(value), budget: `${isAtLeast ? '≥' : '≤'} ${shown(limit)}`, isMet });
}

/** The middle one of three visits, by the time to the content. */
async function middle(
  browser: Browser,
  ...visit: Parameters<typeof probe> extends [Browser, ...infer Rest] ? Rest : never
): Promise<Cost> {
  const costs = [
    await probe(browser, ...visit),
    await probe(browser, ...visit),
    await probe(browser, ...visit),
  ];
  return costs.sort((a, b) => a.contentMs - b.contentMs)[1] as Cost;
}

function print(title: string, header: readonly string[], table: readonly (readonly string[])[]) {
  const widths = header.map((name, i) => Math.max(name.length, ...table.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  console.log(
    [`\n${title}`, line(header), line(widths.map((width) => '-'.repeat(width))), ...table.map(line)].join(
      '\n',
    ),
  );
}

test.afterAll(() => {
  print(
    'Budgets',
    ['what', 'measured', 'budget', ''],
    rows.map((row) => [row.what, row.measured, row.budget, row.isMet ? 'ok' : 'OVER']),
  );
  expect(
    rows.filter((row) => !row.isMet).map((row) => `${row.what}: ${row.measured}, budget ${row.budget}`),
  ).toEqual([]);
});

test('pages', async ({ browser }) => {
  const server = await Server.start();
  try {
    await server.demo();
    const api = new Api(server.url);
    const experiment = await api.experimentId('vision/resnet');
    const run = await api.call<{ runs: { info: { run_id: string } }[] }>('POST', 'runs/search', {
      experiment_ids: [experiment],
      max_results: 1,
    });
    const runId = run.runs[0]?.info.run_id ?? '';
    const pages = [
      { name: 'experiments', path: '/', content: 'main a[href*="/experiments/"]', limit: 600 },
      { name: 'runs', path: `/experiments/${experiment}`, content: '[role="grid"] a', limit: 800 },
      { name: 'run', path: `/runs/${runId}`, content: 'main h1', limit: 800 },
    ];
    for (const { name, path, content, limit } of pages) {
      const cost = await middle(browser, server.url + path, content);
      judge(`${name}: content`, cost.contentMs, limit, 'ms');
      judge(`${name}: blocked`, cost.blockedMs, 150, 'ms');
      judge(`${name}: scripts (br)`, cost.scriptBytes / 1000, 150, 'kB');
      judge(`${name}: styles (br)`, cost.styleBytes / 1000, 20, 'kB');
      judge(`${name}: API calls`, cost.apiCalls, 4, '');
      judge(`${name}: nodes`, cost.domNodes, 3000, '');
      const slow = await middle(browser, server.url + path, content, { megabits: 20, latencyMs: 40 });
      judge(`${name}: content at 20 Mbit/s, 40 ms`, slow.contentMs, 1200, 'ms');
    }
  } finally {
    await server.remove();
  }
});

for (const size of [10_000, 100_000]) {
  test(`${size} runs`, async ({ browser }) => {
    // 100,000 runs with 60 metrics and 40 params take some minutes to log.
    test.skip(
      size > 10_000 && !process.env.OXFLOW_BUDGETS_LARGE,
      'OXFLOW_BUDGETS_LARGE=1 measures 100,000 runs too',
    );
    const server = await Server.start();
    try {
      await server.demo('--runs', String(size));
      const experiment = await new Api(server.url).experimentId(`scale/${size}-runs`);
      const url = `${server.url}/experiments/${experiment}`;
      const first = await middle(browser, url, '[role="grid"] a');
      const name = size.toLocaleString('en-US');
      judge(`${name} runs: first rows`, first.contentMs, 500, 'ms');
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(url);
      await page.locator('[role="grid"] a').first().waitFor();
      const frames = await scrollFrames(page, '[role="grid"]');
      judge(`${name} runs: scroll, p95 frame`, percentile(frames, 0.95), 20, 'ms');
      judge(
        `${name} runs: nodes`,
        await page.evaluate(() => document.querySelectorAll('*').length),
        3000,
        '',
      );
      const heap = await page.evaluate(
        () => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0,
      );
      judge(`${name} runs: heap`, heap / 1_000_000, 150, 'MB');
      await page.close();
    } finally {
      await server.remove();
    }
  });
}

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
