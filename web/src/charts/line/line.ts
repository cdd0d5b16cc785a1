/** What a line chart draws, whatever it was made of. */

export interface DrawnLine {
  /** Different for each line of a chart. */
  id: string;
  /** What is highlighted together: a run, or a group. */
  subject: string;
  /** The name in tooltips and exports. */
  name: string;
  /** A CSS colour, also `var(--series-1)`. */
  color: string;
  /** Lengths of strokes and gaps; empty for a whole line. */
  dash: readonly number[];
  /** Ascending. */
  x: Float64Array;
  y: Float64Array;
  /** Where a point stands for a stretch of x, its beginning; otherwise the same as `x`. */
  xFrom: Float64Array;
  /** The range around the line: of a bucket, or of a group. */
  lo: Float64Array | null;
  hi: Float64Array | null;
  /** Whether the range holds every point there is, so that its edges are drawn: no spike is lost. */
  isEnvelope: boolean;
  /** The line before it was smoothed, drawn faintly behind. */
  raw: Float64Array | null;
  /** Where values are that have no place on the axis. */
  marks: readonly Mark[];
}

export interface Mark {
  x: number;
  kind: 'nan' | 'inf' | '-inf' | 'bad';
}

/** The part of both axes that is shown, in CSS pixels of the plot. */
export interface View {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  isLogX: boolean;
  isLogY: boolean;
  width: number;
  height: number;
}

export type ToPixel = (value: number) => number;

/** From a value to a pixel from the left. */
export function xToPixel({ x0, x1, isLogX, width }: View): ToPixel {
  return scale(x0, x1, isLogX, 0, width);
}

/** From a value to a pixel from the top. */
export function yToPixel({ y0, y1, isLogY, height }: View): ToPixel {
  return scale(y0, y1, isLogY, height, 0);
}

function scale(from: number, to: number, isLog: boolean, start: number, end: number): ToPixel {
  if (isLog) {
    const low = Math.log10(from);
    const factor = (end - start) / (Math.log10(to) - low || 1);
    return (value) => (value > 0 ? start + (Math.log10(value) - low) * factor : NaN);
  }
  const factor = (end - start) / (to - from || 1);
  return (value) => start + (value - from) * factor;
}

export function pixelToX({ x0, x1, isLogX, width }: View, pixel: number): number {
  const share = pixel / (width || 1);
  if (!isLogX) return x0 + (x1 - x0) * share;
  const low = Math.log10(x0);
  return 10 ** (low + (Math.log10(x1) - low) * share);
}

export function pixelToY({ y0, y1, isLogY, height }: View, pixel: number): number {
  const share = 1 - pixel / (height || 1);
  if (!isLogY) return y0 + (y1 - y0) * share;
  const low = Math.log10(y0);
  return 10 ** (low + (Math.log10(y1) - low) * share);
}

/** Dash patterns, so that lines differ also without colours. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [6, 3],
  [2, 3],
  [9, 3, 2, 3],
  [12, 4],
  [4, 2, 1, 2, 1, 2],
];
