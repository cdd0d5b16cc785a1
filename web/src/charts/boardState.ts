/** What a board of charts shows, as it is in the URL. */

import type { SeriesAxis } from '../api/types';
import { type Codec, flag, list, oneOf, type Schema, text } from '../url/codec';
import type { YRange } from './line/ranges';
import type { Band, BaselineMode } from './series/combine';
import type { Range } from './series/range';
import type { Smoothing } from './series/smooth';

/** The x axis: of the series, or another metric. */
export type BoardAxis = SeriesAxis | `metric.${string}`;

export interface BoardState {
  x: BoardAxis;
  xlog: boolean;
  ylog: boolean;
  /** The range of y. */
  y: YRange;
  smooth: Smoothing;
  /** A regular expression of metric names. */
  m: string;
  /** Params or tags whose values are groups: each is a mean with a band. */
  by: readonly string[];
  band: Band;
  /** The run that others are measured against, and how. */
  base: string;
  against: BaselineMode;
  /** The part of the x axis that all charts show. */
  zoom: Range | null;
  /** Charts side by side. */
  across: Across;
  height: ChartHeight;
  /** How many runs are drawn, from the top of the table's order. */
  n: number;
  /** Sections that are not as they are by themselves: open, `system` closed. */
  fold: readonly string[];
  /** Charts that were moved: metric, and the metric it was put before; in pairs. An empty second one is the end. */
  moves: readonly string[];
  /** Sections that were moved, in the same way. */
  order: readonly string[];
  /** The chart that fills the screen: its metric. */
  full: string;
}

export type Across = 'auto' | '1' | '2' | '3' | '4';
export type ChartHeight = 'm' | 's' | 'l';

export const DEFAULT_RUNS = 20;
/** As many as one call may ask for. */
export const MOST_RUNS = 200;

const axis: Codec<BoardAxis> = {
  parse: (raw) => {
    if (raw === 'time' || raw === 'relative') return raw;
    return raw?.startsWith('metric.') && raw.length > 7 ? (raw as BoardAxis) : 'step';
  },
  print: (value) => (value === 'step' ? null : value),
};

const range: Codec<Range | null> = {
  parse: (raw) => {
    const [min, max, ...rest] = (raw ?? '').split('..');
    if (!min || !max || rest.length) return null;
    const found = { min: Number(min), max: Number(max) };
    return found.max > found.min && Number.isFinite(found.max - found.min) ? found : null;
  },
  print: (value) => (value ? `${brief(value.min)}..${brief(value.max)}` : null),
};

/** Twelve digits place a bound within a pixel of any chart; times keep all of theirs. */
function brief(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(13)));
}

const yRange: Codec<YRange> = {
  parse: (raw) => (raw === 'outliers' ? 'outliers' : (range.parse(raw) ?? 'auto')),
  print: (value) => (value === 'auto' ? null : value === 'outliers' ? value : range.print(value)),
};

/** Bounds of each kind: what its slider reaches. */
export const SMOOTHING_BOUNDS = {
  ema: { min: 0, max: 0.999, start: 0.6, step: 0.001 },
  mean: { min: 3, max: 501, start: 11, step: 2 },
  gauss: { min: 0.5, max: 100, start: 5, step: 0.5 },
} as const;

const smoothing: Codec<Smoothing> = {
  parse: (raw) => {
    const [kind, amount] = (raw ?? '').split(':');
    if (kind !== 'ema' && kind !== 'mean' && kind !== 'gauss') return { kind: 'off' };
    const { min, max, start } = SMOOTHING_BOUNDS[kind];
    const value = amount ? Number(amount) : start;
    return Number.isFinite(value)
      ? { kind, amount: Math.min(Math.max(value, min), max) }
      : { kind, amount: start };
  },
  print: (value) => (value.kind === 'off' ? null : `${value.kind}:${value.amount}`),
};

const runCount: Codec<number> = {
  parse: (raw) => {
    const value = Number(raw ?? '');
    return Number.isInteger(value) && value >= 1 ? Math.min(value, MOST_RUNS) : DEFAULT_RUNS;
  },
  print: (value) => (value === DEFAULT_RUNS ? null : String(value)),
};

/** None of these names is one of the runs' state, which is in the same URL. */
export const boardSchema: Schema<BoardState> = {
  x: axis,
  xlog: flag,
  ylog: flag,
  y: yRange,
  smooth: smoothing,
  m: text,
  by: list,
  band: oneOf<Band>('std', 'minmax'),
  base: text,
  against: oneOf<BaselineMode>('difference', 'ratio'),
  zoom: range,
  across: oneOf<Across>('auto', '1', '2', '3', '4'),
  height: oneOf<ChartHeight>('m', 's', 'l'),
  n: runCount,
  fold: list,
  moves: list,
  order: list,
  full: text,
};
