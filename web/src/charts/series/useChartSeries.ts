import { useEffect, useMemo, useState } from 'react';
import type { SeriesAxis } from '../../api/types';
import type { SeriesData } from './data';
import type { Range } from './range';
import { askedWidth, useSeries } from './useSeries';

/** So long a zoom must rest before the server is asked for its detail. */
const REST_MS = 150;
/** More than is seen on each side: lines run to the edges, and a small move needs no new answer. */
const MARGIN = 0.1;

export interface ChartSeries {
  series: readonly SeriesData[] | undefined;
  error: unknown;
  retry: () => void;
  /** The detail of a zoom is on its way; what is there is drawn meanwhile. */
  isRefining: boolean;
}

/** The series of a chart: the whole, and the detail of a zoom where the whole has only buckets. */
export function useChartSeries(
  runs: readonly string[],
  keys: readonly string[],
  x: SeriesAxis,
  zoom: Range | null,
  pixels: number,
  isEnabled = true,
): ChartSeries {
  const width = askedWidth(pixels);
  const whole = useSeries({ runs, keys, x, from: null, to: null, width }, isEnabled && pixels > 0);
  const rested = useRested(zoom, REST_MS);
  const hasBuckets = useMemo(() => whole.data?.some((one) => !one.isRaw) ?? false, [whole.data]);
  const wanted = rested && hasBuckets ? withMargin(rested, x) : null;
  const detail = useSeries(
    { runs, keys, x, from: wanted?.min ?? null, to: wanted?.max ?? null, width },
    isEnabled && wanted !== null,
  );
  const isReady = wanted !== null && detail.data !== undefined && !detail.isPlaceholderData;
  const isCovered = isReady && zoom !== null && wanted.min <= zoom.min && wanted.max >= zoom.max;
  return {
    series: isCovered ? detail.data : whole.data,
    error: whole.data ? null : whole.error,
    retry: () => void whole.refetch(),
    isRefining: (zoom !== null && hasBuckets && !isCovered) || whole.isPlaceholderData,
  };
}

function withMargin({ min, max }: Range, x: SeriesAxis): Range {
  const margin = (max - min) * MARGIN;
  // Whole steps and ms: the same question for the same place.
  return x === 'step' && max - min > 50
    ? { min: Math.floor(min - margin), max: Math.ceil(max + margin) }
    : { min: Math.floor(min - margin - 1), max: Math.ceil(max + margin + 1) };
}

/** A value once it has not changed for a while; `null` at once. */
function useRested<Value>(value: Value | null, ms: number): Value | null {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), value === null ? 0 : ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return value === null ? null : rested;
}
