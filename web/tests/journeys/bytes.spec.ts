/** What a page asks the server for when it is opened first, and how much it keeps in the document. */

import { gzipSync } from 'node:zlib';
import type { Page, Response } from '@playwright/test';
import type { Api } from '../support/api';
import { expect, test } from '../support/test';

/** Compressed bytes of scripts and styles, requests, calls of the API, elements of the page. */
interface Budget {
  scripts: number;
  styles: number;
  requests: number;
  calls: number;
  nodes: number;
}

const BUDGET: Budget = { scripts: 150_000, styles: 20_000, requests: 12, calls: 4, nodes: 3_000 };

interface Case {
  what: string;
  path: (api: Api) => Promise<string>;
  ready: (page: Page) => Promise<void>;
  /** Where today's page needs more than the budget. */
  except?: Partial<Budget>;
}

async function aRun(api: Api, experiment: string): Promise<string> {
  const found = await api.call<{ runs: { info: { run_id: string } }[] }>('POST', 'runs/search', {
    experiment_ids: [await api.experimentId(experiment)],
    filter: "status = 'FINISHED'",
    max_results: 1,
  });
  const id = found.runs[0]?.info.run_id;
  if (!id) throw new Error(`the demo has no finished run in ${experiment}`);
  return id;
}

async function twoRuns(api: Api): Promise<string> {
  return `${await aRun(api, 'vision/resnet')},${await aRun(api, 'vision/detection/yolo')}`;
}

const experiment = async (api: Api) => `/experiments/${await api.experimentId('vision/resnet')}`;
const firstRow = (page: Page) => expect(page.getByRole('grid').getByRole('checkbox').nth(1)).toBeVisible();
const canvas = (page: Page) => expect(page.locator('main canvas').first()).toBeVisible();
const heading = (name: string | RegExp) => (page: Page) =>
  expect(page.getByRole('heading', { name }).first()).toBeVisible();

/** The exceptions are what pages cost today: over the budget, and they may not grow. */
const CASES: readonly Case[] = [
  {
    what: 'the experiments',
    path: () => Promise.resolve('/'),
    ready: (page) => expect(page.getByRole('link', { name: 'resnet' }).first()).toBeVisible(),
    except: { requests: 14 },
  },
  { what: 'runs', path: experiment, ready: firstRow, except: { scripts: 151_000, requests: 28, calls: 6 } },
  {
    what: 'charts',
    path: async (api) => `${await experiment(api)}/charts`,
    ready: canvas,
    except: { scripts: 206_500, requests: 43, calls: 7 },
  },
  {
    what: 'a run',
    path: async (api) => `/runs/${await aRun(api, 'vision/resnet')}`,
    ready: heading(/Metrics/),
    except: { requests: 34, calls: 8 },
  },
  {
    what: 'charts of a run',
    path: async (api) => `/runs/${await aRun(api, 'vision/resnet')}/charts`,
    ready: canvas,
    except: { scripts: 187_000, requests: 40, calls: 6 },
  },
  {
    what: 'artifacts',
    path: async (api) => `/runs/${await aRun(api, 'vision/resnet')}/artifacts`,
    ready: (page) => expect(page.getByRole('treeitem').first()).toBeVisible(),
    except: { requests: 33, calls: 5 },
  },
  {
    what: 'a metric',
    path: async (api) => `/metric?runs=${await aRun(api, 'vision/resnet')}&key=val%2Floss`,
    ready: canvas,
    except: { scripts: 170_500, requests: 29, calls: 6 },
  },
  {
    what: 'a comparison',
    path: async (api) => `/compare?runs=${await twoRuns(api)}`,
    ready: (page) => expect(page.getByRole('main').getByRole('gridcell').first()).toBeVisible(),
    except: { requests: 26, calls: 5 },
  },
  {
    what: 'settings',
    path: () => Promise.resolve('/settings'),
    ready: heading('Settings'),
    except: { requests: 15 },
  },
];

/**
 * A second after the page is connected to `events` it reads again what it may have missed. On a busy machine that would be
 * before it has settled.
 */
async function withoutSecondReading(page: Page) {
  await page.addInitScript(() => {
    const listen = EventSource.prototype.addEventListener;
    EventSource.prototype.addEventListener = function (
      this: EventSource,
      ...given: Parameters<typeof listen>
    ) {
      if (given[0] !== 'open') listen.apply(this, given);
    } as typeof listen;
  });
}

/** The page's costs after it has settled. Bytes are those of gzip, which every browser takes. */
async function costOf(page: Page, path: string, ready: Case['ready']): Promise<Budget> {
  await withoutSecondReading(page);
  const answers: Response[] = [];
  page.on('response', (answer) => answers.push(answer));
  await page.goto(path, { waitUntil: 'networkidle' });
  await ready(page);
  await page.waitForLoadState('networkidle');
  const bytesOf = async (type: string) => {
    const bodies = answers.filter((one) => one.request().resourceType() === type).map((one) => one.body());
    return (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
  };
  return {
    scripts: await bytesOf('script'),
    styles: await bytesOf('stylesheet'),
    requests: answers.length,
    calls: answers.filter((one) => /\/(api|ajax-api|get-artifact)\b/.test(new URL(one.url()).pathname))
      .length,
    nodes: await page.locator('*').count(),
  };
}

for (const { what, path, ready, except } of CASES) {
  test(`${what} costs no more than the budget`, async ({ page, api }, info) => {
    const cost = await costOf(page, await path(api), ready);
    info.annotations.push({ type: 'cost', description: JSON.stringify(cost) });
    if (process.env.OXFLOW_COSTS) console.log(what, JSON.stringify(cost));
    const most = { ...BUDGET, ...except };
    for (const part of Object.keys(BUDGET) as (keyof Budget)[])
      expect.soft(cost[part], `${part}: ${JSON.stringify(cost)}`).toBeLessThanOrEqual(most[part]);
  });
}
