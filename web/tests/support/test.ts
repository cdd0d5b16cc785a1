/** Playwright's test with a server, and with eyes on what no page may do. */

import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { Api } from './api';
import { Server } from './server';

interface PageEvents {
  /** What the page did that none may: foreign requests, policy violations, dialogs, uncaught errors. */
  misdeeds: string[];
  /** Answers with a status of 400 or more that the test brings about itself. */
  mayFail: RegExp[];
  /** Errors in the console that the test brings about itself. */
  maySay: RegExp[];
}

interface Shared {
  /** A server with the content of `oxflow demo`. Tests may add to it, and take nothing away. */
  demo: Server;
}

export const test = base.extend<{ watched: PageEvents; api: Api; untouched: Server }, Shared>({
  demo: [
    async ({}, use) => {
      const server = await Server.startOn(process.env.OXFLOW_WEB_DEMO ?? '');
      await use(server);
      await server.remove();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  /** A server of the test's own, with the content of `oxflow demo` and nothing of other tests. */
  untouched: async ({}, use) => {
    const server = await Server.startOn(process.env.OXFLOW_WEB_DEMO ?? '');
    await use(server);
    await server.remove();
  },
  api: async ({ demo }, use) => use(new Api(demo.url)),
  baseURL: async ({ demo }, use) => use(demo.url),
  watched: [
    async ({ page }, use) => {
      const events: PageEvents = { misdeeds: [], mayFail: [], maySay: [] };
      watch(page, events);
      await use(events);
      expect(events.misdeeds).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

function watch(page: Page, { misdeeds, mayFail, maySay }: PageEvents) {
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') misdeeds.push(`asked ${request.url()}`);
  });
  page.on('response', (response) => {
    const isExpected = mayFail.some((path) => path.test(response.url()));
    if (response.status() >= 400 && !isExpected) misdeeds.push(`${response.status()} of ${response.url()}`);
  });
  page.on('pageerror', (error) => misdeeds.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    misdeeds.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const text = message.text();
    // Chromium's line about a failed request is told by its response already.
    const isExpected = [/Failed to load resource|net::ERR/, ...maySay].some((known) => known.test(text));
    if (message.type() === 'error' && !isExpected) misdeeds.push(`console: ${text}`);
  });
  void page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
}

/** Fails on any violation of WCAG 2.1 A or AA, in both themes. */
export async function expectAccessible(page: Page) {
  for (const theme of ['light', 'dark'] as const) {
    await page.evaluate((name) => {
      localStorage.setItem('oxflow.theme', name);
      document.documentElement.dataset.theme = name;
    }, theme);
    const axe = new AxeBuilder({ page });
    // Only colours differ in the other theme.
    const found = await (
      theme === 'light'
        ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
        : axe.withRules(['color-contrast'])
    ).analyze();
    const told = found.violations.map(
      (one) =>
        `${theme}: ${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} (${node.failureSummary})`).join('; ')}`,
    );
    expect(told).toEqual([]);
  }
}
