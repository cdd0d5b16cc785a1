/** Which part of the axes a chart shows: what is asked for, or what the lines fill. */

import { extent, outlierRange, padded, type Range } from '../series/range';
import type { DrawnLine } from './line';
import { seen } from './trace';

/** `auto`: everything that is seen; `outliers`: without the lowest and highest 2 %; or from–to. */
export type YRange = 'auto' | 'outliers' | Range;

const UNIT: Range = { min: 0, max: 1 };
const LOG_UNIT: Range = { min: 1, max: 10 };

export function xRange(lines: readonly DrawnLine[], zoom: Range | null, isLog: boolean): Range {
  if (zoom && zoom.max > zoom.min && !(isLog && zoom.min <= 0)) return zoom;
  const found = extent(
    lines.flatMap((line) => [line.x, line.xFrom]),
    isLog,
  );
  if (!found) return isLog ? LOG_UNIT : UNIT;
  return found.max > found.min ? found : padded(found, isLog);
}

export function yRange(lines: readonly DrawnLine[], x: Range, wanted: YRange, isLog: boolean): Range {
  if (typeof wanted === 'object' && wanted.max > wanted.min && !(isLog && wanted.min <= 0)) return wanted;
  const view = { x0: x.min, x1: x.max, y0: 0, y1: 1, isLogX: false, isLogY: false, width: 1, height: 1 };
  const columns = lines.flatMap((line) => {
    const [from, to] = seen(line.x, view);
    const cut = (values: Float64Array | null) => (values ? [values.subarray(from, to)] : []);
    return wanted === 'outliers'
      ? cut(line.y)
      : [...cut(line.y), ...cut(line.raw), ...cut(line.lo), ...cut(line.hi)];
  });
  const found = wanted === 'outliers' ? outlierRange(columns, isLog) : extent(columns, isLog);
  return found ? padded(found, isLog) : isLog ? LOG_UNIT : UNIT;
}
