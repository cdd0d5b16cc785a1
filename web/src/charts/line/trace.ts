/** From points to strokes: the same for the screen and for SVG. */

import { lowerBound } from '../series/data';
import { type DrawnLine, type ToPixel, type View, xToPixel, yToPixel } from './line';

/** A canvas context, or what writes an SVG path. */
export interface Sink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** More points than this per pixel are drawn as what they cover, column by column. */
const DENSE = 3;
/** Canvas keeps coordinates in 32 bits; nothing so far outside is seen. */
const FAR = 20_000;

/** The points that are seen, and one more on either side, where the line leaves the plot. */
export function seen(x: Float64Array, view: View): [number, number] {
  const from = Math.max(0, lowerBound(x, view.x0) - 1);
  let to = lowerBound(x, view.x1);
  while (to < x.length && (x[to] as number) <= view.x1) to += 1;
  return [from, Math.min(x.length, to + 1)];
}

/** A point between two gaps, which no line leads to. */
export type OnDot = (x: number, y: number) => void;

/** A line through the finite points, broken where one is missing. */
export function traceLine(x: Float64Array, y: Float64Array, view: View, sink: Sink, onDot?: OnDot) {
  const [from, to] = seen(x, view);
  const px = xToPixel(view);
  const py = yToPixel(view);
  if (to - from > DENSE * view.width) traceDense(x, y, from, to, px, py, sink);
  else traceSparse(x, y, from, to, px, py, sink, onDot);
}

function clamp(pixel: number): number {
  return pixel > FAR ? FAR : pixel < -FAR ? -FAR : pixel;
}

function traceSparse(
  x: Float64Array,
  y: Float64Array,
  from: number,
  to: number,
  px: ToPixel,
  py: ToPixel,
  sink: Sink,
  onDot: OnDot | undefined,
) {
  let isDown = false;
  let isAlone = false;
  let lastX = 0;
  let lastY = 0;
  const dot = () => {
    if (!isAlone) return;
    // A stroke of almost no length is a dot, by its round ends.
    sink.lineTo(lastX + 0.01, lastY);
    onDot?.(lastX, lastY);
  };
  for (let i = from; i < to; i += 1) {
    const atX = clamp(px(x[i] as number));
    const atY = clamp(py(y[i] as number));
    if (atX !== atX || atY !== atY) {
      dot();
      isDown = false;
      isAlone = false;
      continue;
    }
    if (isDown) {
      sink.lineTo(atX, atY);
      isAlone = false;
    } else {
      sink.moveTo(atX, atY);
      isDown = true;
      isAlone = true;
    }
    lastX = atX;
    lastY = atY;
  }
  dot();
}

/** Each pixel's column from its least to its greatest value: what all the points would cover. */
function traceDense(
  x: Float64Array,
  y: Float64Array,
  from: number,
  to: number,
  px: ToPixel,
  py: ToPixel,
  sink: Sink,
) {
  let column = NaN;
  let first = 0;
  let last = 0;
  let top = 0;
  let bottom = 0;
  let isDown = false;
  const flush = () => {
    if (column !== column) return;
    const at = column + 0.5;
    if (isDown) sink.lineTo(at, first);
    else sink.moveTo(at, first);
    if (top !== bottom) {
      sink.lineTo(at, top);
      sink.lineTo(at, bottom);
    }
    sink.lineTo(at, last);
    isDown = true;
    column = NaN;
  };
  for (let i = from; i < to; i += 1) {
    const atX = clamp(px(x[i] as number));
    const atY = clamp(py(y[i] as number));
    if (atX !== atX || atY !== atY) {
      flush();
      isDown = false;
      continue;
    }
    const here = Math.floor(atX);
    if (here === column) {
      if (atY < top) top = atY;
      if (atY > bottom) bottom = atY;
      last = atY;
    } else {
      flush();
      column = here;
      first = last = top = bottom = atY;
    }
  }
  flush();
}

/** The outline of the range around a line, in closed pieces. Calls `close` at the end of each. */
export function traceBand(line: DrawnLine, view: View, sink: Sink, close: () => void) {
  if (!line.lo || !line.hi) return;
  const piece: [number, number, number, number][] = [];
  const flush = () => {
    const first = piece[0];
    if (first) {
      sink.moveTo(first[0], first[3]);
      for (const [left, right, , high] of piece) {
        sink.lineTo(left, high);
        sink.lineTo(right, high);
      }
      for (let i = piece.length - 1; i >= 0; i -= 1) {
        const [left, right, low] = piece[i] as [number, number, number, number];
        sink.lineTo(right, low);
        sink.lineTo(left, low);
      }
      close();
    }
    piece.length = 0;
  };
  eachRange(line, view, (range) => {
    if (range) piece.push(range);
    else flush();
  });
  flush();
}

/** One edge of the range. */
export function traceEdge(line: DrawnLine, edge: 'lo' | 'hi', view: View, sink: Sink) {
  let isDown = false;
  eachRange(line, view, (range) => {
    if (!range) {
      isDown = false;
      return;
    }
    const [left, right, low, high] = range;
    const at = edge === 'lo' ? low : high;
    if (isDown) sink.lineTo(left, at);
    else sink.moveTo(left, at);
    sink.lineTo(right, at);
    isDown = true;
  });
}

/** Each stretch of the range in pixels: left, right, low, high; `null` where it is broken. */
function eachRange(
  line: DrawnLine,
  view: View,
  visit: (range: [number, number, number, number] | null) => void,
) {
  const { x, xFrom, lo, hi } = line;
  if (!lo || !hi) return;
  const [from, to] = seen(x, view);
  const px = xToPixel(view);
  const py = yToPixel(view);
  for (let i = from; i < to; i += 1) {
    const right = clamp(px(x[i] as number));
    const left = clamp(px(xFrom[i] as number));
    const high = clamp(py(hi[i] as number));
    let low = clamp(py(lo[i] as number));
    // On a log axis a range that reaches zero goes to the bottom.
    if (low !== low && high === high) low = view.height;
    if (right !== right || high !== high || low !== low) visit(null);
    else visit([left === left ? left : 0, right, low, high]);
  }
}
