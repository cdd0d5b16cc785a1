/** What a page costs: bytes, requests, the time until something is there to read, how long it blocks. */

import { gzipSync } from 'node:zlib';
import type { Browser } from '@playwright/test';

export interface Cost {
  /** Of scripts and styles, compressed with gzip whatever the server sent. */
  scriptBytes: number;
  styleBytes: number;
  /** Of the scripts that every page has. */
  shellBytes: number;
  requests: number;
  apiCalls: number;
  /** ms from the navigation to the named content. */
  contentMs: number;
  /** Sum of what long tasks have above 50 ms, until the content and one second more. */
  blockedMs: number;
  domNodes: number;
}

const API = /\/(api|ajax-api|graphql|get-artifact)\b/;

/** Opens an address with an empty cache, and waits until a selector shows. */
export async function probe(
  browser: Browser,
  url: string,
  selector: string,
  network?: { megabits: number; latencyMs: number },
): Promise<Cost> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  if (network) {
    const bytes = (network.megabits * 1_000_000) / 8;
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: network.latencyMs,
      downloadThroughput: bytes,
      uploadThroughput: bytes,
    });
  }
  const sizes = new Map<string, { url: string; type: string }>();
  session.on('Network.requestWillBeSent', ({ requestId, request, type }) =>
    sizes.set(requestId, { url: request.url, type: type ?? '' }),
  );
  await page.addInitScript(watchFor, selector);
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(() => (window as unknown as Watched).contentAt !== undefined, undefined, {
    timeout: 60_000,
  });
  await page.waitForTimeout(1000);
  const seen = await page.evaluate(() => {
    const { contentAt, blocked } = window as unknown as Watched;
    return {
      contentMs: contentAt ?? 0,
      blockedMs: blocked ?? 0,
      domNodes: document.querySelectorAll('*').length,
    };
  });
  const all = [...sizes.values()].filter((one) => one.url.startsWith('http'));
  const bytesOf = async (type: string, name = /./) => {
    const bodies = all
      .filter((one) => one.type === type && name.test(one.url))
      .map(({ url: file }) => gzipBytes(file));
    return (await Promise.all(bodies)).reduce((sum, one) => sum + one, 0);
  };
  await context.close();
  return {
    ...seen,
    scriptBytes: await bytesOf('Script'),
    styleBytes: await bytesOf('Stylesheet'),
    shellBytes: await bytesOf('Script', /\/(index|shell)-[^/]*$/),
    requests: all.length,
    apiCalls: all.filter((one) => API.test(new URL(one.url).pathname)).length,
  };
}

const compressed = new Map<string, Promise<number>>();

/** The size of a file; asked for once, apart from the visit. */
function gzipBytes(url: string): Promise<number> {
  const size =
    compressed.get(url) ?? fetch(url).then(async (answer) => gzipSync(await answer.bytes()).length);
  compressed.set(url, size);
  return size;
}

interface Watched {
  contentAt?: number;
  blocked?: number;
}

/** Runs in the page before anything else does. */
function watchFor(selector: string) {
  const watched = window as unknown as Watched;
  watched.blocked = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      watched.blocked = (watched.blocked ?? 0) + Math.max(0, entry.duration - 50);
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (document.querySelector(selector)) {
      // The frame after the one that has it is the one that shows it.
      requestAnimationFrame(() => {
        watched.contentAt = performance.now();
      });
    } else requestAnimationFrame(look);
  };
  look();
}
