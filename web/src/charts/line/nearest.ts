/** Which points are under the pointer. */

import { lowerBound } from '../series/data';
import { type DrawnLine, type ToPixel, type View, xToPixel, yToPixel } from './line';

export interface Hit {
  line: DrawnLine;
  index: number;
  x: number;
  y: number;
  /** In CSS pixels of the plot. */
  left: number;
  top: number;
  /** From the pointer, up or down. */
  distance: number;
}

/** A point further than this from the pointer's x says nothing about it. */
const REACH = 40;

/** The point of each line at a place, nearest line first. Finite values only. */
export function nearest(
  lines: readonly DrawnLine[],
  view: View,
  left: number,
  top: number,
  x: number,
): Hit[] {
  const px = xToPixel(view);
  const py = yToPixel(view);
  const hits: Hit[] = [];
  for (const line of lines) {
    const index = nearestIndex(line, x, px);
    if (index < 0) continue;
    const y = line.y[index] as number;
    const atTop = py(y);
    const atX = line.x[index] as number;
    const atLeft = px(atX);
    if (Number.isNaN(atTop) || Number.isNaN(atLeft)) continue;
    // A sparse line is there between its points, too.
    const from = line.x[0] as number;
    const to = line.x[line.x.length - 1] as number;
    if (Math.abs(atLeft - left) > REACH && (x < from || x > to)) continue;
    hits.push({
      line,
      index,
      x: atX,
      y,
      left: atLeft,
      top: atTop,
      distance: distance(line, py, px, x, left, top, atTop),
    });
  }
  return hits.sort((a, b) => a.distance - b.distance);
}

/** How far the pointer is from the line itself, not only from its points. */
function distance(
  line: DrawnLine,
  py: ToPixel,
  px: ToPixel,
  x: number,
  left: number,
  top: number,
  pointTop: number,
): number {
  const right = lowerBound(line.x, x);
  if (right <= 0 || right >= line.x.length) return Math.abs(pointTop - top);
  const x1 = px(line.x[right - 1] as number);
  const x2 = px(line.x[right] as number);
  const y1 = py(line.y[right - 1] as number);
  const y2 = py(line.y[right] as number);
  const at = x2 > x1 ? y1 + ((y2 - y1) * (left - x1)) / (x2 - x1) : pointTop;
  return Math.abs((Number.isNaN(at) ? pointTop : at) - top);
}

/** The index of the finite point nearest to x; -1 without any. */
function nearestIndex(line: DrawnLine, x: number, px: (value: number) => number): number {
  let right = lowerBound(line.x, x);
  let left = right - 1;
  while (right < line.x.length && !Number.isFinite(line.y[right])) right += 1;
  while (left >= 0 && !Number.isFinite(line.y[left])) left -= 1;
  if (left < 0) return right < line.x.length ? right : -1;
  if (right >= line.x.length) return left;
  const at = px(x);
  return at - px(line.x[left] as number) <= px(line.x[right] as number) - at ? left : right;
}
