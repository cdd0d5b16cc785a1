/** From series to lines: axis, baseline, groups, smoothing. */

import {
  againstBaseline,
  type Band,
  type BaselineMode,
  type Curve,
  groupMean,
  overMetric,
} from '../series/combine';
import type { SeriesData } from '../series/data';
import { countNotPositive } from '../series/range';
import { smooth, type Smoothing } from '../series/smooth';
import { SERIES_COLORS } from '../../runs/colors';
import { DASHES, type DrawnLine, type Mark } from './line';

/** A run as charts need it. */
export interface ChartRun {
  id: string;
  name: string;
  /** A CSS colour. */
  color: string;
  isRunning: boolean;
}

export interface Group {
  id: string;
  name: string;
  color: string;
  members: readonly string[];
}

export interface LineOptions {
  /** In the order of the list; lines further up are painted above. */
  runs: readonly ChartRun[];
  keys: readonly string[];
  series: readonly SeriesData[];
  /** The series of the metric on the x axis; `null` if that is no metric. */
  over: readonly SeriesData[] | null;
  smoothing: Smoothing;
  isLogX: boolean;
  isLogY: boolean;
  groups: readonly Group[] | null;
  band: Band;
  baseline: { run: string; mode: BaselineMode } | null;
  hasPatterns: boolean;
}

export interface Prepared {
  lines: DrawnLine[];
  /** What is not a line: counts of values that an axis cannot show. */
  nan: number;
  inf: number;
  belowX: number;
  belowY: number;
  /** Whether each series has at most one point, so that bars say more than a line. */
  isSingle: boolean;
}

interface Source {
  series: SeriesData;
  curve: Curve;
  xFrom: Float64Array;
}

export function prepareLines(options: LineOptions): Prepared {
  const { series, keys, isLogX, isLogY } = options;
  const shown = new Set(options.runs.map((run) => run.id));
  const sources = new Map<string, Source>();
  for (const one of series) {
    const isNeeded = shown.has(one.run) || one.run === options.baseline?.run;
    if (isNeeded && keys.includes(one.key)) sources.set(place(one.run, one.key), sourceOf(one, options.over));
  }
  const lines = keys.flatMap((key, i) =>
    options.groups ? groupLines(options, sources, key, i) : runLines(options, sources, key, i),
  );
  const meant = [...sources.values()].map((one) => one.series).filter((one) => shown.has(one.run));
  return {
    // Painted in this order: the first run of the list comes last, above the others.
    lines: lines.reverse(),
    nan: total(meant, (one) => one.nan),
    inf: total(meant, (one) => one.inf),
    belowX: isLogX ? total(lines, (line) => countNotPositive(line.x)) : 0,
    belowY: isLogY ? total(lines, (line) => countNotPositive(line.y)) : 0,
    isSingle: meant.length > 0 && meant.every((one) => one.total <= 1),
  };
}

const place = (run: string, key: string) => `${run}\n${key}`;

function total<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}

function sourceOf(series: SeriesData, over: readonly SeriesData[] | null): Source {
  const y = finite(series.last);
  const curve: Curve = {
    // The last value of a bucket is where the bucket ends.
    x: series.xLast,
    y,
    lo: series.isRaw ? null : series.min,
    hi: series.isRaw ? null : series.max,
  };
  if (!over) return { series, curve, xFrom: series.x };
  const other = over.find((one) => one.run === series.run);
  const moved = other
    ? overMetric(curve, { x: other.xLast, y: finite(other.last) })
    : { x: new Float64Array(0), y: new Float64Array(0) };
  return { series, curve: moved, xFrom: moved.x };
}

function runLines(options: LineOptions, sources: Map<string, Source>, key: string, keyIndex: number) {
  const { runs, keys, baseline, smoothing } = options;
  const base = baseline && sources.get(place(baseline.run, key))?.curve;
  const dashes = dashesOf(runs, options.hasPatterns);
  return runs.flatMap((run, runIndex): DrawnLine[] => {
    const source = sources.get(place(run.id, key));
    if (!source || source.curve.x.length === 0) return [];
    const curve = base && baseline ? compared(source.curve, base, baseline.mode) : source.curve;
    const { y, raw } = smoothed(curve, smoothing);
    return [
      {
        id: place(run.id, key),
        subject: run.id,
        name: keys.length > 1 ? `${run.name} · ${key}` : run.name,
        color: run.color,
        dash: dashOf(options, keyIndex, dashes[runIndex]),
        x: curve.x,
        y,
        xFrom: source.xFrom,
        lo: curve.lo ?? null,
        hi: curve.hi ?? null,
        isEnvelope: Boolean(curve.lo),
        raw,
        marks: options.over ? [] : marksOf(source.series),
      },
    ];
  });
}

function compared(curve: Curve, base: Curve, mode: BaselineMode): Curve {
  return { x: curve.x, y: againstBaseline(curve, base, mode), lo: null, hi: null };
}

function groupLines(options: LineOptions, sources: Map<string, Source>, key: string, keyIndex: number) {
  const { groups, runs, keys, band, smoothing } = options;
  const shown = new Set(runs.map((run) => run.id));
  const dashes = dashesOf(groups ?? [], options.hasPatterns);
  return (groups ?? []).flatMap((group, groupIndex): DrawnLine[] => {
    const members = group.members.flatMap((run) => {
      const source = shown.has(run) ? sources.get(place(run, key)) : undefined;
      return source && source.curve.x.length ? [source.curve] : [];
    });
    if (!members.length) return [];
    const { x, mean, lo, hi } = groupMean(members, band);
    const { y, raw } = smoothed({ x, y: mean }, smoothing);
    return [
      {
        id: place(group.id, key),
        subject: group.id,
        name: `${group.name} (${members.length})${keys.length > 1 ? ` · ${key}` : ''}`,
        color: group.color,
        dash: dashOf(options, keyIndex, dashes[groupIndex]),
        x,
        y,
        xFrom: x,
        lo: raw ? smooth(x, lo, smoothing) : lo,
        hi: raw ? smooth(x, hi, smoothing) : hi,
        isEnvelope: false,
        raw: null,
        marks: [],
      },
    ];
  });
}

function smoothed(curve: Curve, smoothing: Smoothing) {
  // Too short to be smoothed, or off.
  if (smoothing.kind === 'off' || curve.x.length < 3) return { y: curve.y, raw: null };
  return { y: smooth(curve.x, curve.y, smoothing), raw: curve.y };
}

/** Several metrics in one chart differ by dashes, as colours mean runs. */
function dashOf({ keys }: LineOptions, keyIndex: number, dash: readonly number[] | undefined) {
  return (keys.length > 1 ? DASHES[keyIndex % DASHES.length] : dash) ?? [];
}

/** More lines than these differ by no colour and dash together. */
const MOST_DASHED = SERIES_COLORS * DASHES.length;

/** The dashes of lines: of each colour the first is whole; with patterns each colour begins with another dash. */
export function dashesOf(
  items: readonly { color: string }[],
  hasPatterns: boolean,
): readonly (readonly number[])[] {
  const seen = new Map<string, { place: number; count: number }>();
  return items.map(({ color }) => {
    const one = seen.get(color) ?? { place: seen.size, count: -1 };
    one.count += 1;
    seen.set(color, one);
    if (!hasPatterns && items.length > MOST_DASHED) return [];
    return DASHES[(one.count + (hasPatterns ? one.place : 0)) % DASHES.length] ?? [];
  });
}

/** NaN where a value has no place on an axis; the same array if there is none. */
function finite(values: Float64Array): Float64Array {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (value === Infinity || value === -Infinity)
      return values.map((one) => (Number.isFinite(one) ? one : NaN));
  }
  return values;
}

function marksOf(series: SeriesData): Mark[] {
  if (series.nan + series.inf === 0) return [];
  const marks: Mark[] = [];
  for (let i = 0; i < series.x.length; i += 1) {
    const x = series.xLast[i] as number;
    if (series.nanN) {
      if ((series.nanN[i] as number) > 0) marks.push({ x, kind: 'bad' });
      continue;
    }
    const value = series.last[i] as number;
    if (Number.isNaN(value)) marks.push({ x, kind: 'nan' });
    else if (!Number.isFinite(value)) marks.push({ x, kind: value > 0 ? 'inf' : '-inf' });
  }
  return marks;
}
