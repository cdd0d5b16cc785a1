import { call } from './http';
import { number, type WireNumber } from './types';

/** A metric's history as small as a line of text: neighbouring points put together, with the least and greatest. */
export interface Spark {
  x: number[];
  min: number[];
  max: number[];
  /** How many values have no place on the line: NaN and ±∞. */
  gaps: number;
}

interface WireSeries {
  key: string;
  raw: boolean;
  nan: number;
  inf: number;
  x: number[];
  value?: WireNumber[];
  min?: (number | null)[];
  max?: (number | null)[];
}

/** The histories of up to 50 metrics of a run, by their keys. */
export async function sparklines(
  runId: string,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<Record<string, Spark>> {
  const body = { runs: [runId], keys, x: 'step', from: null, to: null, width: 64 };
  const answer = await call<{ series: WireSeries[] }>('api/oxflow/v1/series', {
    method: 'POST',
    body,
    signal,
  });
  const finite = (wire: WireNumber | null) => (wire === null ? NaN : number(wire));
  return Object.fromEntries(
    answer.series.map((one) => {
      const least = (one.raw ? one.value : one.min) ?? [];
      const greatest = (one.raw ? one.value : one.max) ?? [];
      return [
        one.key,
        { x: one.x, min: least.map(finite), max: greatest.map(finite), gaps: one.nan + one.inf },
      ];
    }),
  );
}
