/** The pictures of docs/ui.md and of the README, from `oxflow demo`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, test } from '@playwright/test';
import { Api } from '../support/api';
import { Server } from '../support/server';

const FOLDER = join(import.meta.dirname, '../../../docs/images');

interface Shot {
  name: string;
  path: string;
  /** What shows that the page is there. */
  waitFor: string;
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
}

test('pictures', async ({ browser }) => {
  mkdirSync(FOLDER, { recursive: true });
  const server = await Server.start();
  try {
    await server.demo();
    const api = new Api(server.url);
    const vision = await api.experimentId('vision/resnet');
    const runs = await runsOf(api, vision);
    const some = runs.slice(1, 7).join(',');
    const one = runs[1] ?? '';
    const shots: Shot[] = [
      { name: 'experiments', path: '/', waitFor: 'main a[href*="/experiments/"]' },
      { name: 'runs', path: `/experiments/${vision}`, waitFor: '[role="grid"] a' },
      { name: 'runs-dark', path: `/experiments/${vision}`, waitFor: '[role="grid"] a', theme: 'dark' },
      {
        name: 'runs-grouped',
        path: `/experiments/${vision}?group=param.augment`,
        waitFor: '[role="grid"] [role="row"]',
      },
      { name: 'charts', path: `/experiments/${vision}/charts`, waitFor: 'canvas' },
      { name: 'charts-dark', path: `/experiments/${vision}/charts`, waitFor: 'canvas', theme: 'dark' },
      { name: 'run', path: `/runs/${one}`, waitFor: 'main h1' },
      { name: 'run-phone', path: `/runs/${one}`, waitFor: 'main h1', width: 390, height: 844 },
      { name: 'artifacts', path: `/runs/${one}/artifacts/eval_results.json`, waitFor: '[role="tree"]' },
      { name: 'compare', path: `/compare?runs=${some}`, waitFor: 'main table, main [role="grid"]' },
      {
        name: 'compare-parallel',
        path: `/compare?runs=${runs.slice(1, 30).join(',')}&tab=parallel`,
        waitFor: 'canvas',
      },
      {
        name: 'metric',
        path: `/metric?runs=${some}&key=${encodeURIComponent('train/loss')}`,
        waitFor: 'canvas',
      },
    ];
    for (const shot of shots) {
      const page = await browser.newPage({
        viewport: { width: shot.width ?? 1440, height: shot.height ?? 900 },
        colorScheme: shot.theme ?? 'light',
        reducedMotion: 'reduce',
      });
      await page.goto(server.url + shot.path);
      await page.locator(shot.waitFor).first().waitFor({ timeout: 30_000 });
      await isQuiet(page);
      await page.screenshot({ path: join(FOLDER, `${shot.name}.png`), animations: 'disabled' });
      await page.close();
    }
  } finally {
    await server.remove();
  }
});

async function runsOf(api: Api, experiment: string): Promise<string[]> {
  const found = await api.call<{ runs: { info: { run_id: string } }[] }>('POST', 'runs/search', {
    experiment_ids: [experiment],
    max_results: 60,
  });
  return found.runs.map((run) => run.info.run_id);
}

/** Waits until nothing is being loaded any more; the stream of events never ends. */
async function isQuiet(page: Page) {
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
  let last = '';
  for (let same = 0, looks = 0; same < 2 && looks < 30; looks += 1) {
    const now = (await page.screenshot({ animations: 'disabled' })).toString('base64');
    same = now === last ? same + 1 : 0;
    last = now;
  }
}
