/** What tests do with charts of lines. */

import { readFile } from 'node:fs/promises';
import type { Download, Locator, Page } from '@playwright/test';
import type { Point } from './api';

/** The chart of a metric in a board. */
export function card(page: Page, metric: string): Locator {
  return page.getByRole('region', { name: metric, exact: true });
}

/** Where the pointer chooses points and ranges. */
export function plot(chart: Locator): Locator {
  return chart.locator('.u-over');
}

/** Presses at one share of the width and lets go at another. */
export async function drag(page: Page, chart: Locator, from: number, to: number): Promise<void> {
  const box = await plot(chart).boundingBox();
  if (!box) throw new Error('the chart is not on the page');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * ((from + to) / 2), y);
  await page.mouse.move(box.x + box.width * to, y);
  await page.mouse.up();
}

/** Puts the pointer at a share of the width. */
export async function point(page: Page, chart: Locator, at: number): Promise<void> {
  const box = await plot(chart).boundingBox();
  if (!box) throw new Error('the chart is not on the page');
  await page.mouse.move(box.x + box.width * at - 3, box.y + box.height / 2);
  await page.mouse.move(box.x + box.width * at, box.y + box.height / 2);
}

/** Chooses from the menu of a button. */
export async function choose(page: Page, button: Locator, item: string): Promise<void> {
  await button.click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** What pressing something saves. */
export async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), bytes: await contentOf(download) };
}

async function contentOf(download: Download): Promise<Buffer> {
  return readFile(await download.path());
}

/** The rows below the header of a CSV without quoted cells. */
export function csvRows(text: string): string[][] {
  return text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','));
}

/** Points of one metric, one for each step. */
export function curve(key: string, count: number, value: (step: number) => number): Point[] {
  const start = Date.now() - 3_600_000;
  return Array.from({ length: count }, (_, step) => ({
    key,
    value: value(step),
    step,
    timestamp: start + step * 1000,
  }));
}

/** The columns of a chart's drawing that have a mark in the given share of its height, from the top. */
export async function markedColumns(chart: Locator, from: number, to: number): Promise<number[]> {
  return chart.locator('canvas.plot-lines').evaluate(
    (element, [top, bottom]) => {
      const canvas = element as HTMLCanvasElement;
      const y0 = Math.floor(canvas.height * (top ?? 0));
      const height = Math.floor(canvas.height * (bottom ?? 1)) - y0;
      const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
        0,
        y0,
        canvas.width,
        height,
      );
      const found: number[] = [];
      for (let x = 0; x < canvas.width; x += 1) {
        for (let y = 0; y < height; y += 1) {
          if ((data[(y * canvas.width + x) * 4 + 3] ?? 0) > 40) {
            found.push(x);
            break;
          }
        }
      }
      return found;
    },
    [from, to],
  );
}
