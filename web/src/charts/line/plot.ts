/** One chart: uPlot draws axes and turns the pointer into selections; the lines are ours, on a canvas above its. */

import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';
import { resolvedColor } from '../../runs/colors';
import type { Range } from '../series/range';
import { type DrawnLine, pixelToX, pixelToY, type View } from './line';
import { type Hit, nearest } from './nearest';
import { paintLines } from './paint';
import { cancelPaint, paintSoon } from './painter';
import type { XKind } from './axes';
import { plotAxes } from './plotAxes';
import { zoneDate } from './zoneDate';

export interface PlotState {
  lines: readonly DrawnLine[];
  xKind: XKind;
  isLogX: boolean;
  isLogY: boolean;
  x: Range;
  y: Range;
}

export interface Hover {
  x: number;
  hits: readonly Hit[];
  /** Of the pointer, in the window. */
  clientX: number;
  clientY: number;
}

export interface PlotEvents {
  onHover: (hover: Hover | null) => void;
  /** A part of the axes was selected; `y` only with shift. */
  onSelect: (x: Range, y: Range | null) => void;
  onReset: () => void;
  onClick: (hover: Hover) => void;
}

/** A press that moves less is a click. */
const CLICK_PX = 4;

export class LinePlot {
  readonly #plot: uPlot;
  readonly #lines = document.createElement('canvas');
  readonly #overlay = document.createElement('canvas');
  #highlight: string | null = null;
  #hits: readonly Hit[] = [];
  #pressed: { x: number; y: number } | null = null;
  #isInside = false;
  #isOverlayEmpty = true;

  constructor(
    private readonly element: HTMLElement,
    private state: PlotState,
    private readonly events: PlotEvents,
  ) {
    const { width, height } = element.getBoundingClientRect();
    this.#plot = new uPlot(
      {
        width: Math.max(width, 60),
        height: Math.max(height, 60),
        padding: [8, 12, 0, 0],
        legend: { show: false },
        series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
        scales: {
          x: {
            time: state.xKind === 'time',
            distr: state.isLogX ? 3 : 1,
            range: () => [this.state.x.min, this.state.x.max],
          },
          y: { distr: state.isLogY ? 3 : 1, range: () => [this.state.y.min, this.state.y.max] },
        },
        ms: 1,
        tzDate: zoneDate,
        axes: plotAxes(state),
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false, dist: CLICK_PX },
          bind: { dblclick: () => () => this.#reset() },
        },
        hooks: {
          draw: [() => this.#paint()],
          setCursor: [() => this.#hover()],
          setSelect: [() => this.#select()],
        },
      },
      this.#data(),
      element,
    );
    this.#lines.className = 'plot-lines';
    this.#overlay.className = 'plot-overlay';
    this.#plot.over.before(this.#lines, this.#overlay);
    this.#plot.over.addEventListener('mousedown', this.#onPress, true);
    this.#plot.over.addEventListener('mouseenter', () => (this.#isInside = true));
    this.#plot.over.addEventListener('mouseleave', () => {
      this.#isInside = false;
      this.clearHover();
    });
    this.#plot.over.addEventListener('click', this.#onClick);
  }

  destroy() {
    cancelPaint(this);
    cancelPaint(this.#overlay);
    this.#plot.destroy();
  }

  /** Shows another state; the drawing stays until the next frame has the new one. */
  show(state: PlotState, isUrgent = false) {
    this.state = state;
    paintSoon(this, () => this.#redraw(), isUrgent || this.#isInUse);
  }

  /** Other colours. */
  repaint() {
    paintSoon(this, () => this.#plot.redraw(false, true));
  }

  resize() {
    const { width, height } = this.element.getBoundingClientRect();
    if (width < 60 || height < 60) return;
    if (Math.round(width) === this.#plot.width && Math.round(height) === this.#plot.height) return;
    this.#plot.setSize({ width: Math.round(width), height: Math.round(height) });
  }

  highlight(subject: string | null) {
    if (this.#highlight === subject) return;
    this.#highlight = subject;
    // Other charts than the one under the pointer take their turn.
    if (this.#isInside) this.#paintOverlay();
    else paintSoon(this.#overlay, () => this.#paintOverlay());
  }

  /** The cursor of another chart, or of the keyboard. */
  moveCursor(x: number | null, hasTooltip = false) {
    if (this.#isInside && !hasTooltip) return;
    if (x === null) {
      this.#plot.setCursor({ left: -10, top: -10 }, false);
      return;
    }
    const left = this.#plot.valToPos(x, 'x');
    const { width, height } = this.view();
    const isSeen = left >= 0 && left <= width;
    this.#plot.setCursor({ left: isSeen ? left : -10, top: height / 2 }, false);
    if (!hasTooltip) return;
    const top = height / 2;
    this.#hits = nearest(this.state.lines, this.view(), left, top, x);
    const box = this.#plot.over.getBoundingClientRect();
    this.#paintOverlay();
    this.events.onHover({ x, hits: this.#hits, clientX: box.left + left, clientY: box.top + top });
  }

  clearHover() {
    this.#hits = [];
    this.#paintOverlay();
    this.events.onHover(null);
  }

  /** Under the pointer, or of the keyboard. */
  get #isInUse(): boolean {
    return this.#isInside || this.element.parentElement === document.activeElement;
  }

  view(): View {
    const { bbox } = this.#plot;
    const { x, y, isLogX, isLogY } = this.state;
    return {
      x0: x.min,
      x1: x.max,
      y0: y.min,
      y1: y.max,
      isLogX,
      isLogY,
      // Asking the page for them would lay it out anew with each move of the pointer.
      width: bbox.width / uPlot.pxRatio,
      height: bbox.height / uPlot.pxRatio,
    };
  }

  /** The whole chart as a picture, on the page's background. */
  picture(): HTMLCanvasElement {
    const source = this.#plot.ctx.canvas;
    const canvas = document.createElement('canvas');
    canvas.width = source.width;
    canvas.height = source.height;
    const ctx = canvas.getContext('2d') as CanvasRenderingContext2D;
    ctx.fillStyle = resolvedColor('var(--bg)');
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.drawImage(source, 0, 0);
    const { left, top } = this.#plot.bbox;
    ctx.drawImage(this.#lines, left, top);
    return canvas;
  }

  get ticks() {
    const { axes } = this.#plot as unknown as {
      axes: { _splits?: (number | null)[]; _values?: (string | null)[] }[];
    };
    return axes.map(({ _splits = [], _values = [] }) =>
      _splits.flatMap((at, i) => (at === null || !_values[i] ? [] : [{ at, text: _values[i] }])),
    );
  }

  #data(): uPlot.AlignedData {
    const { x } = this.state;
    return [
      [x.min, x.max],
      [null, null],
    ];
  }

  #redraw() {
    this.#plot.batch(() => {
      this.#plot.setData(this.#data(), false);
      this.#plot.setScale('x', this.state.x);
      this.#plot.setScale('y', this.state.y);
      this.#plot.redraw(false, true);
    });
  }

  /** Brings a canvas to the plot's place and size; empty. */
  #fit(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const { over, bbox } = this.#plot;
    const ratio = uPlot.pxRatio;
    if (canvas.width !== bbox.width || canvas.height !== bbox.height) {
      canvas.width = bbox.width;
      canvas.height = bbox.height;
    }
    Object.assign(canvas.style, {
      left: over.style.left,
      top: over.style.top,
      width: over.style.width,
      height: over.style.height,
    });
    const ctx = canvas.getContext('2d') as CanvasRenderingContext2D;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    return ctx;
  }

  #paint() {
    const ctx = this.#fit(this.#lines);
    paintLines(ctx, this.state.lines, this.view(), { resolve: colorCache() });
    this.#paintOverlay();
  }

  #paintOverlay() {
    const subject = this.#highlight ?? this.#hits[0]?.line.subject ?? null;
    const meant = subject === null ? [] : this.state.lines.filter((line) => line.subject === subject);
    // A line among others; a line alone need not stand out.
    const isDimmed = meant.length > 0 && meant.length < this.state.lines.length;
    this.#lines.dataset.dimmed = String(isDimmed);
    // An empty canvas that is emptied is composed anew all the same.
    const isEmpty = !isDimmed && !this.#hits.length;
    if (isEmpty && this.#isOverlayEmpty) return;
    this.#isOverlayEmpty = isEmpty;
    const ctx = this.#fit(this.#overlay);
    if (isDimmed)
      paintLines(ctx, meant, this.view(), {
        resolve: colorCache(),
        isHighlight: true,
      });
    const hit = this.#hits.find((one) => one.line.subject === subject) ?? this.#hits[0];
    if (!hit) return;
    ctx.globalAlpha = 1;
    ctx.fillStyle = resolvedColor(hit.line.color);
    ctx.strokeStyle = resolvedColor('var(--bg)');
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(hit.left, hit.top, 4, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }

  #hover() {
    const { left = -1, top = -1 } = this.#plot.cursor;
    if (!this.#isInside || left < 0 || top < 0) return;
    const view = this.view();
    const x = pixelToX(view, left);
    this.#hits = nearest(this.state.lines, view, left, top, x);
    this.#paintOverlay();
    this.events.onHover(this.#current(x, left, top));
  }

  #current(x: number, left: number, top: number): Hover {
    const box = this.#plot.over.getBoundingClientRect();
    return { x, hits: this.#hits, clientX: box.left + left, clientY: box.top + top };
  }

  readonly #onPress = (event: MouseEvent) => {
    this.#pressed = { x: event.clientX, y: event.clientY };
    // Shift: both axes.
    if (this.#plot.cursor.drag) this.#plot.cursor.drag.y = event.shiftKey;
  };

  readonly #onClick = (event: MouseEvent) => {
    const start = this.#pressed;
    if (!start || Math.hypot(event.clientX - start.x, event.clientY - start.y) >= CLICK_PX) return;
    const { left = -1, top = -1 } = this.#plot.cursor;
    if (left >= 0) this.events.onClick(this.#current(pixelToX(this.view(), left), left, top));
  };

  #select() {
    const { left, top, width, height } = this.#plot.select;
    if (width < CLICK_PX) return;
    const view = this.view();
    const isBoth = this.#plot.cursor.drag?.y === true && height >= CLICK_PX;
    const y = isBoth ? { min: pixelToY(view, top + height), max: pixelToY(view, top) } : null;
    this.#plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events.onSelect({ min: pixelToX(view, left), max: pixelToX(view, left + width) }, y);
  }

  #reset(): null {
    this.events.onReset();
    return null;
  }
}

/** Resolving a token costs more than drawing a short line. */
function colorCache(): (color: string) => string {
  const found = new Map<string, string>();
  return (color) => {
    let resolved = found.get(color);
    if (resolved === undefined) {
      resolved = resolvedColor(color);
      found.set(color, resolved);
    }
    return resolved;
  };
}
