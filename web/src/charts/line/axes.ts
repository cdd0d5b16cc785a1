/** Ticks of axes and what is written at them. */

import { shortNumber } from '../../format/number';
import { duration, localTime } from '../../format/time';

export type XKind = 'step' | 'time' | 'relative' | 'metric';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances between ticks of a duration, in ms. */
export const DURATION_STEPS: number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 7, 10, 20, 50, 100, 200, 500].map((n) => n * DAY),
];

/** Whole numbers: there is no step 2.5. */
export const STEP_STEPS: number[] = Array.from({ length: 15 }, (_, power) =>
  [1, 2, 5].map((n) => n * 10 ** power),
).flat();

/** A duration at a tick: `30 s`, `5 min`, `1:30 h`, `2 d`. */
export function durationTick(ms: number): string {
  if (ms === 0) return '0';
  const size = Math.abs(ms);
  const sign = ms < 0 ? '−' : '';
  if (size < SECOND) return `${sign}${size} ms`;
  if (size < MINUTE) return `${sign}${trimmed(size / SECOND)} s`;
  if (size < HOUR) return `${sign}${split(size, MINUTE, SECOND)} min`;
  if (size < DAY) return `${sign}${split(size, HOUR, MINUTE)} h`;
  return `${sign}${trimmed(size / DAY)} d`;
}

/** Times at ticks: the time of day, and below the first and each new day its date; of days, the same with years. */
export function timeTicks(ticks: readonly (number | null)[], step: number): string[] {
  let before = '';
  return ticks.map((tick) => {
    if (tick === null) return '';
    const [date = '', time = ''] = localTime(tick).split(' ');
    const [large, small] =
      step >= DAY
        ? [date.slice(0, 4), step >= 28 * DAY ? date.slice(0, 7) : date.slice(5)]
        : [date, step >= MINUTE ? time.slice(0, 5) : step >= SECOND ? time : `${time}${milliseconds(tick)}`];
    const text = large === before ? small : `${small}\n${large}`;
    before = large;
    return text;
  });
}

function milliseconds(time: number): string {
  return `.${String(new Date(time).getMilliseconds()).padStart(3, '0')}`;
}

function split(ms: number, large: number, small: number): string {
  const rest = Math.round((ms % large) / small);
  const whole = Math.floor(ms / large);
  return rest ? `${whole}:${String(rest).padStart(2, '0')}` : String(whole);
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** A number at a tick: `2,500`, `25k`, `1.5M`, `0.001`, `1e-7`. */
export function numberTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e15) {
    const [unit, name] =
      size >= 1e12 ? [1e12, 'T'] : size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
    return `${String(Number((value / unit).toPrecision(5))).replace('-', '−')}${name}`;
  }
  if (size > 0 && size < 1e-4)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace(/^-/, '−');
  return shortNumber(Number(value.toPrecision(6)));
}

/** Ticks of a log axis: powers of ten, with 2 and 5 (or all) between where there is room. */
export function logTicks(min: number, max: number, most = 10): number[] {
  if (!(min > 0) || !(max > min)) return [];
  const from = Math.floor(Math.log10(min));
  const to = Math.ceil(Math.log10(max));
  const decades = Math.log10(max / min);
  const within = (ticks: number[]) =>
    ticks.filter((tick) => tick >= min * 0.999999 && tick <= max * 1.000001);
  if (decades < 0.7) return linearTicks(min, max, most);
  const digits = decades * 9 <= most ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : decades * 3 <= most ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil((to - from) / most));
  const ticks: number[] = [];
  for (let power = from; power <= to; power += 1) {
    if (digits.length === 1 && power % stride !== 0) continue;
    for (const digit of digits) ticks.push(Number(`${digit}e${power}`));
  }
  return within(ticks);
}

function linearTicks(min: number, max: number, most: number): number[] {
  const rough = (max - min) / Math.max(1, most / 2);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((one) => one >= rough) ?? rough;
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step); i * step <= max; i += 1) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** The x of a point in words. */
export function xText(kind: XKind, x: number): string {
  switch (kind) {
    case 'step':
      return `step ${Number.isInteger(x) ? x.toLocaleString('en-US') : shortNumber(x)}`;
    case 'time':
      return localTime(x);
    case 'relative':
      return `after ${duration(Math.round(x))}`;
    case 'metric':
      return shortNumber(x);
  }
}
