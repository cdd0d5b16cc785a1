/** Paints lines on a canvas whose unit is a CSS pixel. */

import { type DrawnLine, type View, xToPixel } from './line';
import { type Sink, traceBand, traceEdge, traceLine } from './trace';

export interface PaintStyle {
  /** The colour of a line as the canvas needs it. */
  resolve: (color: string) => string;
  /** Thicker, for what is pointed at. */
  isHighlight?: boolean;
}

/** With so many lines, ranges would hide each other. */
const MOST_BANDS = 40;

export function paintLines(
  ctx: CanvasRenderingContext2D,
  lines: readonly DrawnLine[],
  view: View,
  { resolve, isHighlight = false }: PaintStyle,
) {
  const isFew = lines.length <= 12;
  const hasBands = lines.length <= MOST_BANDS;
  const width = isHighlight ? 2.5 : isFew ? 1.5 : lines.length <= 60 ? 1.25 : 1;
  // Round joins cost more than half of the time, and nobody sees them on thin lines.
  ctx.lineJoin = isHighlight || isFew ? 'round' : 'bevel';
  ctx.lineCap = 'round';
  // No range hides a line.
  for (const line of lines) {
    if (!line.lo || !(hasBands || line.isEnvelope)) continue;
    ctx.strokeStyle = ctx.fillStyle = resolve(line.color);
    paintBand(ctx, line, view, hasBands);
  }
  for (const line of lines) {
    ctx.strokeStyle = ctx.fillStyle = resolve(line.color);
    if (line.raw) {
      ctx.globalAlpha = 0.25;
      ctx.lineWidth = 1;
      stroke(ctx, (sink) => traceLine(line.x, line.raw as Float64Array, view, sink));
    }
    ctx.globalAlpha = 1;
    ctx.lineWidth = width;
    ctx.setLineDash(line.dash as number[]);
    const dots: [number, number][] = [];
    stroke(ctx, (sink) => traceLine(line.x, line.y, view, sink, (x, y) => dots.push([x, y])));
    ctx.setLineDash([]);
    for (const [x, y] of dots) paintDot(ctx, x, y);
    paintMarks(ctx, line, view);
  }
}

function paintBand(ctx: CanvasRenderingContext2D, line: DrawnLine, view: View, isFilled: boolean) {
  if (isFilled) {
    ctx.globalAlpha = line.raw || !line.isEnvelope ? 0.13 : 0.2;
    ctx.beginPath();
    traceBand(line, view, ctx, () => ctx.closePath());
    ctx.fill();
  }
  if (!line.isEnvelope) return;
  // A spike inside of one bucket is as thin as a pixel: its edges say it, not its area.
  ctx.globalAlpha = line.raw ? 0.35 : 0.6;
  ctx.lineWidth = 1;
  stroke(ctx, (sink) => {
    traceEdge(line, 'hi', view, sink);
    traceEdge(line, 'lo', view, sink);
  });
}

function stroke(ctx: CanvasRenderingContext2D, trace: (sink: Sink) => void) {
  ctx.beginPath();
  trace(ctx);
  ctx.stroke();
}

/** A point without a line. */
function paintDot(ctx: CanvasRenderingContext2D, x: number, y: number) {
  ctx.beginPath();
  ctx.arc(x, y, 3, 0, 2 * Math.PI);
  ctx.fill();
}

/** Triangles at the edge: up for ∞, down for −∞, at the bottom and hollow for NaN. */
export function paintMarks(ctx: CanvasRenderingContext2D, line: DrawnLine, view: View) {
  if (!line.marks.length) return;
  const px = xToPixel(view);
  const size = 5;
  const bottom = view.height - 1;
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1;
  let last = -Infinity;
  for (const mark of line.marks) {
    const x = px(mark.x);
    if (!(x >= 0 && x <= view.width)) continue;
    // A thousand NaN in a row are one row of triangles, not a thousand strokes.
    if (x - last < 2) continue;
    last = x;
    ctx.beginPath();
    if (mark.kind === 'inf') triangle(ctx, x, 1, size);
    else triangle(ctx, x, bottom, -size);
    if (mark.kind === 'nan' || mark.kind === 'bad') ctx.stroke();
    else ctx.fill();
  }
}

/** Its tip at (x, y) for ∞ (`size` > 0: base below), its base at y for the others. */
function triangle(ctx: CanvasRenderingContext2D, x: number, y: number, size: number) {
  if (size > 0) {
    ctx.moveTo(x, y);
    ctx.lineTo(x - size, y + size * 1.4);
    ctx.lineTo(x + size, y + size * 1.4);
  } else {
    ctx.moveTo(x, y);
    ctx.lineTo(x + size, y + size * 1.4);
    ctx.lineTo(x - size, y + size * 1.4);
  }
  ctx.closePath();
}
