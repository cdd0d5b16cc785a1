/** Axe finds nothing on any page, in both themes, wide and on a phone. */

import type { Page } from '@playwright/test';
import type { Api } from '../support/api';
import { expect, expectAccessible, test } from '../support/test';

interface Place {
  what: string;
  path: (ids: Ids) => string;
  /** What is there when the page has everything. */
  ready: (page: Page) => Promise<void>;
  /** Looked at on a phone too. */
  isOnPhone?: boolean;
}

interface Ids {
  vision: string;
  sweeps: string;
  /** A run with an image, tables, Markdown and HTML. */
  forecast: string;
  others: readonly string[];
  parent: string;
}

async function idsOf(api: Api): Promise<Ids> {
  const [vision, energy, sweeps] = await Promise.all(
    ['vision/resnet', 'forecasting/energy', 'sweeps/optuna-lr'].map((name) => api.experimentId(name)),
  );
  if (!vision || !energy || !sweeps) throw new Error('the demo lacks an experiment');
  const search = async (experiment: string, filter: string, most: number) => {
    const found = await api.call<{ runs: { info: { run_id: string } }[] }>('POST', 'runs/search', {
      experiment_ids: [experiment],
      filter,
      max_results: most,
    });
    return found.runs.map(({ info }) => info.run_id);
  };
  const [forecast = ''] = await search(energy, "attributes.run_name ILIKE 'prophet%'", 1);
  const [parent = ''] = await search(sweeps, "attributes.run_name = 'cross-validation'", 1);
  return { vision, sweeps, forecast, parent, others: await search(vision, "status = 'FINISHED'", 3) };
}

const seen = (text: string | RegExp) => (page: Page) => expect(page.getByText(text).first()).toBeVisible();
const heading = (name: string | RegExp) => (page: Page) =>
  expect(page.getByRole('heading', { name }).first()).toBeVisible();
const firstRow = (page: Page) => expect(page.getByRole('grid').getByRole('checkbox').nth(1)).toBeVisible();
const chart = (page: Page) => expect(page.locator('main canvas').first()).toBeVisible();
const artifact = (path: string) => (ids: Ids) => `/runs/${ids.forecast}/artifacts/${path}`;
const compared = (tab: string) => (ids: Ids) => `/compare?runs=${ids.others.join(',')}&tab=${tab}`;

const PLACES: readonly Place[] = [
  {
    what: 'the experiments',
    path: () => '/',
    ready: (page) => expect(page.getByRole('link', { name: 'resnet' }).first()).toBeVisible(),
    isOnPhone: true,
  },
  { what: 'runs', path: (ids) => `/experiments/${ids.vision}`, ready: firstRow, isOnPhone: true },
  {
    what: 'runs with a selection',
    path: (ids) => `/experiments/${ids.vision}?sel=${ids.others.join(',')}`,
    ready: seen('3 selected'),
  },
  {
    what: 'the column chooser',
    path: (ids) => `/experiments/${ids.vision}`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Columns', exact: true }).click();
      await expect(page.getByRole('dialog', { name: 'Columns' }).getByRole('checkbox').first()).toBeVisible();
    },
  },
  {
    what: 'groups of runs',
    path: (ids) => `/experiments/${ids.vision}?group=param.optimizer`,
    ready: seen(/in \d groups/),
  },
  { what: 'nested runs', path: (ids) => `/experiments/${ids.sweeps}`, ready: firstRow },
  {
    what: 'charts',
    path: (ids) => `/experiments/${ids.vision}/charts`,
    ready: chart,
    isOnPhone: true,
  },
  {
    what: 'settings of an experiment',
    path: (ids) => `/experiments/${ids.vision}/settings`,
    ready: (page) => expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toBeVisible(),
  },
  {
    what: 'a run',
    path: (ids) => `/runs/${ids.forecast}`,
    ready: heading(/Metrics/),
    isOnPhone: true,
  },
  { what: 'charts of a run', path: (ids) => `/runs/${ids.others[0] ?? ''}/charts`, ready: chart },
  {
    what: 'an image',
    path: artifact('plots/forecast.png'),
    ready: (page) => expect(page.locator('main img').first()).toBeVisible(),
    isOnPhone: true,
  },
  {
    what: 'a table',
    path: artifact('forecast.csv'),
    ready: (page) => expect(page.getByRole('main').getByRole('gridcell').first()).toBeVisible(),
  },
  { what: 'Markdown', path: artifact('report.md'), ready: seen(/forecast/i) },
  {
    what: 'HTML',
    path: artifact('forecast.html'),
    ready: (page) => expect(page.locator('main iframe')).toBeVisible(),
  },
  {
    what: 'children of a run',
    path: (ids) => `/runs/${ids.parent}/children`,
    ready: (page) => expect(page.getByRole('main').getByRole('link', { name: /fold/ }).first()).toBeVisible(),
  },
  { what: 'the raw run', path: (ids) => `/runs/${ids.forecast}/raw`, ready: seen(/run_id/) },
  {
    what: 'a metric',
    path: (ids) => `/metric?runs=${ids.others.join(',')}&key=val%2Floss`,
    ready: heading('val/loss'),
    isOnPhone: true,
  },
  ...[
    'differences',
    'charts',
    'parallel',
    'scatter',
    'box',
    'contour',
    'bar',
    'over-runs',
    'images',
    'files',
    'notes',
  ].map((tab) => ({
    what: `comparison: ${tab}`,
    path: compared(tab),
    ready: (page: Page) =>
      expect(page.getByRole('navigation').locator('[aria-current]').last()).toBeVisible(),
    isOnPhone: tab === 'differences',
  })),
  { what: 'settings', path: () => '/settings', ready: heading('Settings'), isOnPhone: true },
  { what: 'about', path: () => '/about', ready: heading(/About|Oxflow/) },
  { what: 'no such page', path: () => '/no-such-page', ready: heading('There is no such page') },
];

for (const { what, path, ready, isOnPhone } of PLACES) {
  for (const width of isOnPhone ? [1440, 390] : [1440]) {
    test(`${what}, ${width} px wide`, async ({ page, api, watched }) => {
      watched.mayFail.push(/no-such-page/);
      // Fewer rows say as much: axe looks at each.
      await page.setViewportSize({ width, height: 600 });
      await page.goto(path(await idsOf(api)), { waitUntil: 'networkidle' });
      await ready(page);
      await expectAccessible(page);
      // What is too wide scrolls inside itself.
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
    });
  }
}
