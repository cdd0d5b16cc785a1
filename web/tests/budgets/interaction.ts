/** How long the page takes from what the reader does until it shows what was asked for. */

import type { Page } from '@playwright/test';

/**
 * ms from the first press or key of `act` to the frame after `isDone` holds. `isDone` runs in the page, with `given`; it is
 * asked in every frame, so it must be cheap.
 */
export async function responseMs<Given>(
  page: Page,
  act: () => Promise<unknown>,
  isDone: (given: Given) => boolean,
  given: Given,
): Promise<number> {
  await page.evaluate(() => {
    const timed: { startedAt?: number; isShown?: boolean } = {};
    (window as unknown as { timed: typeof timed }).timed = timed;
    const start = () => (timed.startedAt ??= performance.now());
    for (const type of ['pointerdown', 'keydown', 'popstate'])
      window.addEventListener(type, start, { capture: true, once: true });
  });
  const watched = page.waitForFunction(
    // The frame after the one that has it is the one that shows it.
    `(() => {
      const { timed } = window;
      if (timed.isShown) return performance.now() - timed.startedAt;
      timed.isShown = timed.startedAt !== undefined && (${isDone.toString()})(${JSON.stringify(given)});
      return null;
    })()`,
    undefined,
    { polling: 'raf', timeout: 60_000 },
  );
  await act();
  return (await (await watched).jsonValue()) as number;
}

/** The durations of frames in ms, sorted, while something goes on. */
export async function framesDuring(page: Page, act: () => Promise<unknown>): Promise<number[]> {
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
  await act();
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
  return frames.slice(1).sort((a, b) => a - b);
}

/** Scrolls what is under a selector with the wheel for some seconds. */
export async function scrollFrames(page: Page, selector: string, seconds = 3): Promise<number[]> {
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`nothing to scroll at ${selector}`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  return framesDuring(page, async () => {
    const until = Date.now() + seconds * 1000;
    while (Date.now() < until) await page.mouse.wheel(0, 400);
  });
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
