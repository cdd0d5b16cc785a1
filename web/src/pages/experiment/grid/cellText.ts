/** The values of cells as texts: short as shown, whole as copied. Pure. */

import { type Aggregate, type Cell, type Column, type MetricSummary, number } from '../../../api/types';
import { fullNumber, shortNumber } from '../../../format/number';
import { duration, localTime, utcTime } from '../../../format/time';
import { partsOf } from '../../../runs/columns';
import type { GroupShow } from '../../../runs/runsState';

export interface CellText {
  text: string;
  /** All of it, for hovers and copies. */
  whole: string;
}

const NONE: CellText = { text: '', whole: '' };

export function aggregateOf(show: GroupShow): Aggregate {
  return show === 'stderr' ? 'mean' : show;
}

export function cellText(column: Column, value: Cell | undefined): CellText {
  if (value === null || value === undefined) return NONE;
  if (Array.isArray(value)) {
    const names = value.map((one) => ('version' in one ? `${one.name} v${one.version}` : one.name));
    return { text: names.join(', '), whole: names.join(', ') };
  }
  const { kind } = partsOf(column);
  if (kind === 'param' || kind === 'tag') return same(shortParam(oneLine(String(value))), String(value));
  if (kind.startsWith('metric')) {
    const value_ = number(value as number);
    return same(shortNumber(value_), fullNumber(value_));
  }
  if (column === 'attribute.duration') return same(duration(Number(value)), `${value} ms`);
  if (column === 'attribute.start_time' || column === 'attribute.end_time') {
    return same(localTime(Number(value)), `${localTime(Number(value))} · ${utcTime(Number(value))}`);
  }
  return same(oneLine(String(value)), String(value));
}

/** A metric of a group: `0.5 ± 0.1`; every number on hover. */
export function groupText(summary: MetricSummary | undefined, show: GroupShow): CellText {
  if (!summary) return NONE;
  const { count, mean, std, stderr, median, min, max, nan } = summary;
  const main = { mean, stderr: mean, median, min, max }[show];
  const spread = show === 'mean' ? std : show === 'stderr' ? stderr : null;
  const short = (value: number | null) => (value === null ? '–' : shortNumber(value));
  const text =
    main === null
      ? nan
        ? 'NaN'
        : ''
      : spread === null
        ? short(main)
        : `${short(main)} ± ${shortNumber(Number(spread.toPrecision(2)))}`;
  const parts = [
    `n ${count}`,
    `mean ${short(mean)}`,
    `std ${short(std)}`,
    `stderr ${short(stderr)}`,
    `median ${short(median)}`,
    `min ${short(min)}`,
    `max ${short(max)}`,
    ...(nan ? [`${nan} NaN or infinite, left out`] : []),
  ];
  return same(text, parts.join(' · '));
}

const same = (text: string, whole: string): CellText => ({ text, whole });

/** Params are texts, but one with many digits behind the point is read as a number. */
function shortParam(text: string): string {
  return text.length > 8 && /^-?\d*\.\d+(?:e[-+]?\d+)?$/i.test(text) ? shortNumber(Number(text)) : text;
}

/** A cell is one line, and no longer than anybody could see of it. */
function oneLine(text: string): string {
  return (text.length > 300 ? `${text.slice(0, 300)}…` : text).replace(/\s+/g, ' ');
}
