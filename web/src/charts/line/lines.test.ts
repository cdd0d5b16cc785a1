import { expect, test } from 'vitest';
import { rawSeries, type SeriesData } from '../series/data';
import { durationTick, logTicks, numberTick } from './axes';
import type { DrawnLine, View } from './line';
import { pixelToX, xToPixel, yToPixel } from './line';
import { nearest } from './nearest';
import { dashesOf, type LineOptions, prepareLines } from './prepare';
import { xRange, yRange } from './ranges';
import { traceBand, traceLine } from './trace';

const view: View = { x0: 0, x1: 100, y0: 0, y1: 10, isLogX: false, isLogY: false, width: 100, height: 100 };
const f = (...values: number[]) => Float64Array.from(values);

function recorded() {
  const points: string[] = [];
  return {
    points,
    moveTo: (x: number, y: number) => void points.push(`M${x},${y}`),
    lineTo: (x: number, y: number) => void points.push(`L${x},${y}`),
  };
}

const line = (x: Float64Array, y: Float64Array, more: Partial<DrawnLine> = {}): DrawnLine => ({
  id: 'a',
  subject: 'a',
  name: 'a',
  color: '#000',
  dash: [],
  x,
  y,
  xFrom: x,
  lo: null,
  hi: null,
  isEnvelope: false,
  raw: null,
  marks: [],
  ...more,
});

const raw = (run: string, key: string, x: number[], value: number[]): SeriesData =>
  rawSeries(
    {
      run,
      key,
      total: x.length,
      in_range: x.length,
      raw: true,
      nan: value.filter(Number.isNaN).length,
      inf: value.filter((one) => Math.abs(one) === Infinity).length,
      length: x.length,
    },
    Float64Array.from(x),
    Float64Array.from(value),
  );

const options = (more: Partial<LineOptions>): LineOptions => ({
  runs: ['a', 'b'].map((id) => ({ id, name: id, color: '#000', isRunning: false })),
  keys: ['loss'],
  series: [],
  over: null,
  smoothing: { kind: 'off' },
  isLogX: false,
  isLogY: false,
  groups: null,
  band: 'std',
  baseline: null,
  hasPatterns: false,
  ...more,
});

test('a line is broken at NaN, and a point alone is a dot', () => {
  const sink = recorded();
  traceLine(f(0, 50, 100), f(0, NaN, 10), view, sink);
  expect(sink.points).toEqual(['M0,100', 'L0.01,100', 'M100,0', 'L100.01,0']);
});

test('points outside of the view are left out, but for the line to the edge', () => {
  const sink = recorded();
  traceLine(f(-50, -10, 10, 90, 110, 200), f(5, 5, 5, 5, 5, 5), view, sink);
  expect(sink.points).toEqual(['M-10,50', 'L10,50', 'L90,50', 'L110,50']);
});

test('no spike is lost where there are more points than pixels', () => {
  const x = Float64Array.from({ length: 100_000 }, (_, i) => i / 1000);
  const y = x.map((_, i) => (i === 33_333 ? 10 : i === 77_777 ? 0 : 5));
  const sink = recorded();
  traceLine(x, y, view, sink);
  expect(sink.points.length).toBeLessThan(500);
  expect(sink.points).toContain('L33.5,0');
  expect(sink.points).toContain('L77.5,100');
});

test('the range of buckets is a closed shape over their whole width', () => {
  const sink = recorded();
  let closed = 0;
  const buckets = line(f(49, 99), f(1, 1), { xFrom: f(0, 50), lo: f(0, 0), hi: f(10, 5) });
  traceBand(buckets, view, sink, () => (closed += 1));
  expect(closed).toBe(1);
  expect(sink.points).toContain('L49,0');
  expect(sink.points).toContain('L50,50');
});

test('pixels and values are each other’s way back, also on log axes', () => {
  const log = { ...view, x0: 0.001, x1: 1000, isLogX: true };
  for (const at of [0, 25, 99]) expect(xToPixel(log)(pixelToX(log, at))).toBeCloseTo(at, 9);
  expect(xToPixel(log)(0)).toBeNaN();
  expect(yToPixel(view)(10)).toBe(0);
});

test('the nearest line comes first, measured between its points too', () => {
  const steep = line(f(0, 100), f(0, 10), { id: 'steep' });
  const flat = line(f(0, 50, 100), f(2, 2, 2), { id: 'flat' });
  // At x = 60 the steep line is at 6; its nearest point is at 10.
  const hits = nearest([steep, flat], view, 60, 35, 60);
  expect(hits.map((hit) => [hit.line.id, hit.y])).toEqual([
    ['steep', 10],
    ['flat', 2],
  ]);
});

test('infinite values are marks at the edge, not lines to it', () => {
  const { lines, nan, inf } = prepareLines(
    options({ series: [raw('a', 'loss', [0, 1, 2, 3], [1, Infinity, -Infinity, NaN])] }),
  );
  expect([...(lines[0]?.y ?? [])]).toEqual([1, NaN, NaN, NaN]);
  expect(lines[0]?.marks.map((mark) => mark.kind)).toEqual(['inf', '-inf', 'nan']);
  expect([nan, inf]).toEqual([1, 2]);
});

test('what a log axis cannot show is counted', () => {
  const series = [raw('a', 'loss', [0, 1, 2], [1, 0, -1])];
  expect(prepareLines(options({ series, isLogX: true, isLogY: true }))).toMatchObject({
    belowX: 1,
    belowY: 2,
  });
});

test('hidden members are no part of a group', () => {
  const group = { id: 'g', name: 'adam', color: '#000', members: ['a', 'b', 'hidden'] };
  const series = [raw('a', 'loss', [0], [1]), raw('b', 'loss', [0], [3]), raw('hidden', 'loss', [0], [99])];
  const { lines } = prepareLines(options({ series, groups: [group] }));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ name: 'adam (2)', y: f(2) });
});

test('a baseline counts though it is hidden; against itself a run is zero', () => {
  const runs = [{ id: 'a', name: 'a', color: '#000', isRunning: false }];
  const series = [raw('a', 'loss', [0, 1], [3, 3]), raw('b', 'loss', [0, 1], [1, 2])];
  const of = (run: string) =>
    prepareLines(options({ runs, series, baseline: { run, mode: 'difference' } })).lines[0]?.y;
  expect(of('b')).toEqual(f(2, 1));
  expect(of('a')).toEqual(f(0, 0));
});

test('smoothing keeps the raw line behind', () => {
  const series = [raw('a', 'loss', [0, 1, 2], [0, 9, 0])];
  const { lines } = prepareLines(options({ series, smoothing: { kind: 'mean', amount: 3 } }));
  expect(lines[0]?.raw).toEqual(f(0, 9, 0));
  expect(lines[0]?.y).toEqual(f(0, 3, 0));
});

test('one point each is a case for bars', () => {
  expect(prepareLines(options({ series: [raw('a', 'loss', [0], [1])] })).isSingle).toBe(true);
  expect(prepareLines(options({ series: [raw('a', 'loss', [0, 1], [1, 2])] })).isSingle).toBe(false);
});

test('y fits what is seen of x', () => {
  const lines = [line(f(0, 10, 20), f(0, 1, 100))];
  expect(xRange(lines, null, false)).toEqual({ min: 0, max: 20 });
  expect(yRange(lines, { min: 0, max: 20 }, 'auto', false).max).toBeCloseTo(105);
  expect(yRange(lines, { min: 0, max: 20 }, { min: -1, max: 7 }, false)).toEqual({ min: -1, max: 7 });
  // A range that a log axis cannot have is none.
  expect(yRange(lines, { min: 0, max: 20 }, { min: -1, max: 7 }, true).min).toBeGreaterThan(0);
});

test('ticks are short and exact', () => {
  expect([0, 2500, 25_000, 1_500_000, 0.001, 0.1 + 0.2, 1e-7, -3e6].map(numberTick)).toEqual([
    '0',
    '2,500',
    '25k',
    '1.5M',
    '0.001',
    '0.3',
    '1e-7',
    '−3M',
  ]);
  expect([0, 500, 30_000, 90_000, 3_600_000, 5_400_000, 172_800_000].map(durationTick)).toEqual([
    '0',
    '500 ms',
    '30 s',
    '1:30 min',
    '1 h',
    '1:30 h',
    '2 d',
  ]);
  expect(logTicks(0.5, 200)).toEqual([0.5, 1, 2, 5, 10, 20, 50, 100, 200]);
  expect(logTicks(1e-9, 1e9, 6)).toEqual([1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]);
  expect(logTicks(20, 40, 6)).toEqual([20, 30, 40]);
});

test('lines of one colour differ by dashes, as long as there are dashes enough', () => {
  const colored = (count: number) => Array.from({ length: count }, (_, i) => ({ color: `c${i % 10}` }));
  const dashes = dashesOf(colored(20), false);
  expect(dashes.slice(0, 10).every((dash) => dash.length === 0)).toBe(true);
  expect(dashes.slice(10).every((dash) => dash.length > 0)).toBe(true);
  expect(dashesOf(colored(200), false).every((dash) => dash.length === 0)).toBe(true);
  // Patterns are for those who see no colours: neighbours differ.
  const patterns = dashesOf(colored(10), true);
  patterns.forEach((dash, i) => expect(dash).not.toEqual(patterns[i + 1]));
});
