import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { seriesBytes } from '../../api/own';
import type { SeriesAxis, SeriesRequest } from '../../api/types';
import { SeriesBatcher } from './batch';
import { decodeSeries, SERIES_TYPE } from './data';

export const seriesBatcher = new SeriesBatcher(async (request, signal) =>
  decodeSeries(await seriesBytes(request, SERIES_TYPE, signal)),
);

export interface SeriesQuestion {
  runs: readonly string[];
  keys: readonly string[];
  x: SeriesAxis;
  from: number | null;
  to: number | null;
  width: number;
}

/** Widths that are asked for: few, so that charts of about the same size are one call and one answer in the cache. */
const WIDTHS = [256, 512, 768, 1024, 1536, 2048, 3072, 4096] as const;

export function askedWidth(pixels: number): number {
  return WIDTHS.find((width) => width >= pixels) ?? 4096;
}

/** The series of a chart. While a part of them is read anew, the old ones stay. */
export function useSeries(question: SeriesQuestion, isEnabled: boolean) {
  // The order of the runs is the table's business: sorting it must not read everything again.
  const asked: SeriesQuestion = { ...question, runs: [...question.runs].sort() };
  return useQuery({
    queryKey: ['series', asked],
    queryFn: ({ signal }) => seriesBatcher.load(requestOf(asked), signal),
    enabled: isEnabled && asked.runs.length > 0 && asked.keys.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    // Columns of numbers are compared by nobody.
    structuralSharing: false,
  });
}

export function requestOf({ runs, keys, x, from, to, width }: SeriesQuestion): SeriesRequest {
  return { runs, keys, x, from, to, width };
}
