/** Lines as an SVG file: the view of the screen, with real strokes. */

import { type DrawnLine, type View, xToPixel, yToPixel } from '../line/line';
import { traceBand, traceLine } from '../line/trace';

export interface Tick {
  at: number;
  text: string;
}

export interface SvgChart {
  title: string;
  view: View;
  lines: readonly DrawnLine[];
  xTicks: readonly Tick[];
  yTicks: readonly Tick[];
  colors: { text: string; grid: string; background: string };
  resolve: (color: string) => string;
}

const LEFT = 64;
const TOP = 36;
const BOTTOM = 32;
const RIGHT = 16;
const LEGEND_ROW = 18;

export function svgOf({ title, view, lines, xTicks, yTicks, colors, resolve }: SvgChart): string {
  const width = LEFT + view.width + RIGHT;
  const height = TOP + view.height + BOTTOM + lines.length * LEGEND_ROW + 8;
  const px = xToPixel(view);
  const py = yToPixel(view);
  const parts: string[] = [];
  const text = (x: number, y: number, anchor: string, what: string) =>
    parts.push(`<text x="${x}" y="${y}" text-anchor="${anchor}">${escape(what)}</text>`);
  parts.push(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="Inter, system-ui, sans-serif" font-size="12" fill="${colors.text}">`,
    `<title>${escape(title)}</title>`,
    `<rect width="100%" height="100%" fill="${colors.background}"/>`,
    `<text x="${LEFT}" y="22" font-size="14" font-weight="600">${escape(title)}</text>`,
    `<clipPath id="plot"><rect width="${view.width}" height="${view.height}"/></clipPath>`,
  );
  for (const { at, text: label } of xTicks) {
    const x = round(LEFT + px(at));
    parts.push(`<path d="M${x} ${TOP}v${view.height}" stroke="${colors.grid}"/>`);
    text(x, TOP + view.height + 18, 'middle', label);
  }
  for (const { at, text: label } of yTicks) {
    const y = round(TOP + py(at));
    parts.push(`<path d="M${LEFT} ${y}h${view.width}" stroke="${colors.grid}"/>`);
    text(LEFT - 6, y + 4, 'end', label);
  }
  parts.push(
    `<g transform="translate(${LEFT} ${TOP})" clip-path="url(#plot)" fill="none" stroke-linejoin="round">`,
  );
  for (const line of lines) parts.push(...lineOf(line, view, resolve(line.color)));
  parts.push('</g>');
  lines.toReversed().forEach((line, i) => {
    const y = TOP + view.height + BOTTOM + i * LEGEND_ROW + 8;
    parts.push(
      `<path d="M${LEFT} ${y}h16" stroke="${resolve(line.color)}" stroke-width="2.5"${dashes(line)}/>`,
    );
    text(LEFT + 24, y + 4, 'start', line.name);
  });
  parts.push('</svg>');
  return parts.join('\n');
}

function lineOf(line: DrawnLine, view: View, color: string): string[] {
  const parts: string[] = [];
  if (line.lo) {
    const band = path();
    traceBand(line, view, band, () => band.close());
    parts.push(
      `<path d="${band.text()}" fill="${color}" fill-opacity="0.2" stroke="${line.isEnvelope ? color : 'none'}" stroke-opacity="0.5"/>`,
    );
  }
  if (line.raw) {
    const raw = path();
    traceLine(line.x, line.raw, view, raw);
    parts.push(`<path d="${raw.text()}" stroke="${color}" stroke-opacity="0.25"/>`);
  }
  const main = path();
  traceLine(line.x, line.y, view, main);
  parts.push(
    `<path d="${main.text()}" stroke="${color}" stroke-width="1.5" stroke-linecap="round"${dashes(line)}/>`,
  );
  return parts;
}

function dashes({ dash }: DrawnLine): string {
  return dash.length ? ` stroke-dasharray="${dash.join(' ')}"` : '';
}

function path() {
  const parts: string[] = [];
  return {
    moveTo: (x: number, y: number) => void parts.push(`M${round(x)} ${round(y)}`),
    lineTo: (x: number, y: number) => void parts.push(`L${round(x)} ${round(y)}`),
    close: () => void parts.push('Z'),
    text: () => parts.join(''),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return (
    text
      .replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
      // No XML holds control characters.
      .replace(/[^\t\n\r\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
  );
}
