/** What a page costs: bytes, requests, the time until something is there to read, how long it blocks. */

import type { Browser, Page } from '@playwright/test';

export interface Cost {
  /** Compressed bytes of scripts and styles. */
  scriptBytes: number;
  styleBytes: number;
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
  const sizes = new Map<string, { url: string; type: string; bytes: number }>();
  session.on('Network.responseReceived', ({ requestId, response, type }) =>
    sizes.set(requestId, { url: response.url, type, bytes: 0 }),
  );
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const known = sizes.get(requestId);
    if (known) known.bytes = encodedDataLength;
  });
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
  const bytesOf = (type: string) =>
    all.filter((one) => one.type === type).reduce((sum, one) => sum + one.bytes, 0);
  await context.close();
  return {
    ...seen,
    scriptBytes: bytesOf('Script'),
    styleBytes: bytesOf('Stylesheet'),
    requests: all.length,
    apiCalls: all.filter((one) => API.test(new URL(one.url).pathname)).length,
  };
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

/** Scrolls a grid with the wheel for some seconds; the frames' durations in ms, sorted. */
export async function scrollFrames(page: Page, selector: string, seconds = 3): Promise<number[]> {
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`nothing to scroll at ${selector}`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(() => {
    const frames: number[] = [];
    (window as unknown as { frames: number[] }).frames = frames;
    let last = performance.now();
    const tick = (now: number) => {
      frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) await page.mouse.wheel(0, 400);
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
  return frames.slice(1).sort((a, b) => a - b);
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
